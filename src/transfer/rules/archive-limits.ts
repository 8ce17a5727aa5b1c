import { DomainError } from "../../core/errors.ts";

const MB = 1024 * 1024;

/** What an archive may be at most. Sizes are bytes. */
export const ARCHIVE_LIMITS = {
  compressed: 50 * MB,
  inflated: 200 * MB,
  /** Of one entry: each is held whole, one at a time. */
  entry: 8 * MB,
  entries: 10_000,
  /** Deflate reaches 1,032 to 1. Exports write nothing tighter than this (`ZipWriter`): it was made to burst. */
  ratio: 200,
  /** Below this an entry's ratio says nothing: a short text of one letter is tight as well. */
  ratioFrom: 64 * 1024,
} as const;

/** Every file that an export writes. What is named otherwise was put there by something else. */
const NAMES = /^(?:manifest|workflow|executions|versions|knowledge)\.json$|^workflows\/[A-Za-z0-9._-]{1,200}\.json$/;

const UNIX = 3;
const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;
/** Fixed part of a local file header (APPNOTE.TXT 4.3.7), without name and extra field. */
const LOCAL_HEADER_BYTES = 30;

/** What the central directory says of an entry (APPNOTE.TXT 4.3.12). Sizes and offset are bytes. */
export interface DirectoryEntry {
  name: string;
  nameBytes: number;
  offset: number;
  compressedSize: number;
  size: number;
  encrypted: boolean;
  /** 0 stored, 8 deflated. */
  method: number;
  /** The upper half of "version made by": the system that the attributes are in the terms of. */
  madeOn: number;
  externalAttributes: number;
}

/** Throws `archive_refused` with the entry and the reason for a directory that no export of ours would have. */
export function checkDirectory(entries: readonly DirectoryEntry[]): void {
  if (entries.length === 0) throw refusal("", "the archive holds no file");
  const names = new Set<string>();
  let inflated = 0;
  for (const entry of entries) {
    const fault = entryFault(entry);
    if (fault !== null) throw refusal(entry.name, fault);
    const folded = entry.name.toLowerCase();
    if (names.has(folded)) throw refusal(entry.name, "two entries have this name");
    names.add(folded);
    inflated += entry.size;
  }
  if (inflated > ARCHIVE_LIMITS.inflated) {
    throw refusal("", `unpacked it would be ${inflated} bytes: at most ${ARCHIVE_LIMITS.inflated} are taken`);
  }
  checkOverlap(entries);
}

/** Why one entry is refused, `null` when it is not. */
function entryFault(entry: DirectoryEntry): string | null {
  if (/^[/\\]|^[A-Za-z]:|\\/.test(entry.name)) return "a path is relative and has no backslashes";
  if (entry.name.split("/").includes("..")) return "a path that leads out of the archive";
  if (entry.encrypted) return "encrypted entries cannot be read: export without a password";
  if (entry.madeOn === UNIX && isSpecial(entry.externalAttributes >>> 16)) return "links and devices are not taken";
  if (!NAMES.test(entry.name)) return "an export holds no file of this name: take it out of the archive";
  if (entry.method !== 0 && entry.method !== 8) return `compression method ${entry.method} is not known: use deflate`;
  if (entry.method === 0 && entry.size !== entry.compressedSize) return "a stored entry has two sizes";
  if (entry.size > ARCHIVE_LIMITS.entry) return tooLarge(entry.size);
  if (entry.size > ARCHIVE_LIMITS.ratioFrom && entry.size > entry.compressedSize * ARCHIVE_LIMITS.ratio) {
    return `it would unpack to more than ${ARCHIVE_LIMITS.ratio} times its size`;
  }
  return null;
}

export function tooLarge(size: number): string {
  return `${size} bytes unpacked: a file in an archive is at most ${ARCHIVE_LIMITS.entry}`;
}

/** A file type in the mode that is there and is not a regular file's. */
function isSpecial(mode: number): boolean {
  const type = mode & FILE_TYPE;
  return type !== 0 && type !== REGULAR_FILE;
}

/** Entries that share bytes unpack to far more than the archive is: a bomb of quadratic size. */
function checkOverlap(entries: readonly DirectoryEntry[]): void {
  let end = 0;
  for (const entry of entries.toSorted((one, other) => one.offset - other.offset)) {
    if (entry.offset < end) throw refusal(entry.name, "it overlaps with another entry");
    end = entry.offset + LOCAL_HEADER_BYTES + entry.nameBytes + entry.compressedSize;
  }
}

/** The refusal of an archive: where in it (an entry's name, empty for the whole), and why. */
export function refusal(entry: string, reason: string, cause?: unknown): DomainError {
  const where = entry === "" ? "" : `${entry.slice(0, 200)}: `;
  return new DomainError("archive_refused", `The archive cannot be imported: ${where}${reason}. Nothing was changed.`, {
    details: [{ path: entry.slice(0, 200), message: reason }],
    cause,
  });
}
