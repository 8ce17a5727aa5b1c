import { type Entry, type FileEntry, ZipReader } from "@zip.js/zip.js/lib/zip-core-reader.js";
import { DomainError, errorText } from "../core/errors.ts";
import { type ByteSource, MissingFile } from "./archive-source.ts";
import { ARCHIVE_LIMITS, checkDirectory, refusal, tooLarge } from "./rules/archive-limits.ts";

/** The most that is read at once. A directory of all entries that are allowed is half as long. */
const MAX_READ_BYTES = 8 * 1024 * 1024;
const LOOK_AHEAD_BYTES = 512 * 1024;

/** An archive whose directory was found to be in order. What its entries hold is checked as they are read. */
export interface Archive {
  names: readonly string[];
  /** Bytes of these entries together, as the directory claims: more is never inflated. */
  sizeOf(names: readonly string[]): number;
  /**
   * The UTF-8 text of an entry, inflated in memory: at most 8 MB. Throws `archive_refused` when it is not what the
   * directory says: longer, of another CRC, under another local header.
   */
  text(name: string): Promise<string>;
}

/**
 * Opens a ZIP archive that somebody sent. Everything that readers could understand in two ways is refused, and so is
 * what would burst when unpacked. Throws `archive_refused` with the reason.
 */
export async function openArchive(source: ByteSource): Promise<Archive> {
  if (source.size > ARCHIVE_LIMITS.compressed) {
    throw refusal("", `${source.size} bytes: at most ${ARCHIVE_LIMITS.compressed} are taken`);
  }
  const reader = new ZipReader(readerOf(source), {
    strictness: "strict",
    filenameValidation: "strict",
    checkCrc32: true,
    checkOverlappingEntry: true,
    useWebWorkers: false,
  });
  const entries = await readDirectory(reader);
  return {
    names: [...entries.keys()],
    sizeOf: (names) => names.reduce((sum, name) => sum + (entries.get(name)?.uncompressedSize ?? 0), 0),
    async text(name) {
      const entry = entries.get(name);
      if (!entry) throw refusal(name, "the archive lacks this file");
      return refused(name, () => inflate(entry));
    },
  };
}

async function readDirectory(reader: ZipReader<unknown>): Promise<Map<string, FileEntry>> {
  const entries = await refused("", async () => {
    const found: Entry[] = [];
    for await (const entry of reader.getEntriesGenerator()) {
      found.push(entry);
      if (found.length > ARCHIVE_LIMITS.entries) {
        throw refusal("", `more than ${ARCHIVE_LIMITS.entries} entries`);
      }
    }
    return found;
  });
  checkDirectory(
    entries.map((entry) => ({
      name: entry.filename,
      nameBytes: entry.rawFilename.byteLength,
      offset: entry.offset,
      compressedSize: entry.compressedSize,
      size: entry.uncompressedSize,
      encrypted: entry.encrypted,
      method: entry.compressionMethod,
      madeOn: entry.versionMadeBy >>> 8,
      externalAttributes: entry.externalFileAttributes,
    })),
  );
  const files = new Map<string, FileEntry>();
  for (const entry of entries) if (!entry.directory) files.set(entry.filename, entry);
  return files;
}

/**
 * Counts while it inflates, and stops at the first byte over the size that the directory claims: what all entries claim
 * together was found to be bearable.
 */
async function inflate(entry: FileEntry): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let size = 0;
  let text = "";
  await entry.getData(
    new WritableStream<Uint8Array>({
      write(chunk) {
        size += chunk.byteLength;
        if (size > ARCHIVE_LIMITS.entry) throw refusal(entry.filename, tooLarge(size));
        if (size > entry.uncompressedSize) throw refusal(entry.filename, "it is longer than the directory says");
        text += decoder.decode(chunk, { stream: true });
      },
    }),
  );
  if (size !== entry.uncompressedSize) throw refusal(entry.filename, "its size is not the one in the directory");
  return text + decoder.decode();
}

/** Runs a part of reading: whatever the library or the decoder finds wrong is a refusal. */
async function refused<Result>(name: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DomainError || error instanceof SourceFault || error instanceof MissingFile) throw error;
    throw refusal(name, reasonOf(error), error);
  }
}

const CUT = "send the whole file";
const ANEW = "write the archive anew";
/** What to do about what the library finds. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ["file format is not recognized", CUT],
  ["end of central directory not found", CUT],
  ["central directory header not found", CUT],
  ["split zip file", "put its parts together first"],
  ["ambiguous archive", `another program could find something else in it: ${ANEW}`],
  ["unsafe filename", `a path leads out of the archive: ${ANEW}`],
  ["invalid crc32", `it was damaged on its way: ${CUT}`],
  ["invalid uncompressed size", `it was damaged on its way: ${CUT}`],
]);

/** The library's messages are in plain English and hold nothing but names of ZIP's own terms. */
function reasonOf(error: unknown): string {
  if (error instanceof TypeError) return "it is damaged, or not text in UTF-8";
  const reason = errorText(error).slice(0, 200).replace(/\.$/, "").toLowerCase();
  const advice = ADVICE.get(reason);
  return advice === undefined ? reason : `${reason}: ${advice}`;
}

/** The source itself failed: no fault of the archive. */
class SourceFault extends Error {}

/** Headers lie between the entries' data: a look ahead makes one read of many, since each may be a request to R2. */
function readerOf(source: ByteSource) {
  let window: { offset: number; bytes: Uint8Array } = { offset: 0, bytes: new Uint8Array() };
  const readUint8Array = async (offset: number, length: number): Promise<Uint8Array> => {
    if (length > MAX_READ_BYTES) throw refusal("", "its directory is longer than any export's");
    const start = offset - window.offset;
    if (start < 0 || start + length > window.bytes.byteLength) {
      window = { offset, bytes: await readSource(source, offset, Math.max(length, LOOK_AHEAD_BYTES)) };
      return window.bytes.subarray(0, length);
    }
    return window.bytes.subarray(start, start + length);
  };
  const createReadable = ({ offset = 0, size = source.size - offset }: { offset?: number; size?: number } = {}) => {
    let read = 0;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const bytes = await readUint8Array(offset + read, Math.min(LOOK_AHEAD_BYTES, size - read));
        read += bytes.byteLength;
        if (bytes.byteLength > 0) controller.enqueue(bytes.slice());
        if (read >= size || bytes.byteLength === 0) controller.close();
      },
    });
  };
  return {
    size: source.size,
    readUint8Array,
    createReadable,
    get readable() {
      return createReadable();
    },
  };
}

async function readSource(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  try {
    return await source.read(offset, length);
  } catch (error) {
    if (error instanceof MissingFile) throw error;
    throw new SourceFault(errorText(error), { cause: error });
  }
}
