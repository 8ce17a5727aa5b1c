import { ARCHIVE_LIMITS } from "./rules/archive-limits.ts";

const MB = 1024 * 1024;

/** How much of a workflow's history goes into its bundle. Bytes are those of the JSON in UTF-8. */
export interface HistoryLimits {
  versionBytes: number;
  executionBytes: number;
  knowledgeBytes: number;
  /** Of versions, and of executions. */
  items: number;
}

/** An import takes 8 MB a file: the definition, schedules and webhooks need their share of that as well. */
export const ONE_BUNDLE: HistoryLimits = {
  versionBytes: 2.5 * MB,
  executionBytes: 2.5 * MB,
  knowledgeBytes: MB,
  items: 1_000,
};

/** In the archive of one workflow each kind of history is a file. */
export const ONE_ARCHIVE: HistoryLimits = {
  versionBytes: 7.5 * MB,
  executionBytes: 7.5 * MB,
  knowledgeBytes: 7.5 * MB,
  items: 5_000,
};

/** The list of files at an archive's end and its manifest, for 5,000 workflows. */
const DIRECTORY_BYTES = 2 * MB;
/** What definitions are given besides: they are known by what is stored of them, which may be packed. */
const PER_CHARACTER = 2;
const BULK_ITEMS = 30_000;
const LEAST_ITEMS = 20;

/** An archive as far as it is written. Bytes. */
interface Written {
  packedBytes: number;
  unpackedBytes: number;
}

/**
 * The bytes of history that each workflow which is still to be written may bring along, so that an import takes the
 * archive in the end: it is judged by how well what is there already could be packed.
 *
 * @param ahead what is still to be written, and of its definitions the characters as they are stored
 */
export function roomForHistory(written: Written, ahead: { workflows: number; characters: number }): number {
  const { packedBytes, unpackedBytes } = written;
  const unpacked = ARCHIVE_LIMITS.inflated - DIRECTORY_BYTES - unpackedBytes;
  const packed = ARCHIVE_LIMITS.compressed - DIRECTORY_BYTES - packedBytes;
  const room = packedBytes === 0 ? unpacked : Math.min(unpacked, (packed * unpackedBytes) / packedBytes);
  return Math.max(0, room - ahead.characters * PER_CHARACTER) / Math.max(1, ahead.workflows);
}

/** Whether an import would not take an archive any more, were it ended now. */
export function isTooLarge({ packedBytes, unpackedBytes }: Written): boolean {
  return packedBytes > ARCHIVE_LIMITS.compressed - DIRECTORY_BYTES || unpackedBytes > ARCHIVE_LIMITS.inflated;
}

/** What each of so many workflows may bring into a bulk export: as much as a bundle of its own, or its share. */
export function shareOfBulk(workflows: number, share: number): HistoryLimits {
  return {
    versionBytes: Math.min(ONE_BUNDLE.versionBytes, Math.floor(share * 0.4)),
    executionBytes: Math.min(ONE_BUNDLE.executionBytes, Math.floor(share * 0.4)),
    knowledgeBytes: Math.min(ONE_BUNDLE.knowledgeBytes, Math.floor(share * 0.2)),
    items: Math.max(LEAST_ITEMS, Math.min(ONE_BUNDLE.items, Math.floor(BULK_ITEMS / workflows))),
  };
}
