import { deflateSync } from "fflate";

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, place) => {
  let entry = place;
  for (let bit = 0; bit < 8; bit += 1) entry = entry & 1 ? 0xedb88320 ^ (entry >>> 1) : entry >>> 1;
  return entry >>> 0;
});

/** One entry, with what its headers claim where that is not the truth. */
export interface ZipEntry {
  name: string;
  data?: string | Uint8Array;
  /** Stored instead of deflated. */
  stored?: boolean;
  /** Claims in the central directory, and in the local header where that is not said apart. */
  claims?: Partial<Headers>;
  localClaims?: Partial<Headers>;
  /** Where the central directory says that the entry begins. */
  offset?: number;
  /** Unix mode: 0o120777 is a symbolic link. */
  unixMode?: number;
  /** Appended to the central record: a ZIP64 field that lies, say. */
  extra?: Uint8Array;
}

interface Headers {
  name: string;
  flags: number;
  method: number;
  crc: number;
  compressedSize: number;
  size: number;
}

export interface ZipOptions {
  before?: Uint8Array;
  after?: Uint8Array;
  /** How many entries the end of the directory claims. */
  count?: number;
}

/** A ZIP archive byte by byte (APPNOTE.TXT 4.3), as honest or as false as a test needs it. */
export function zipOf(entries: readonly ZipEntry[], { before, after, count }: ZipOptions = {}): Uint8Array {
  const parts: Uint8Array[] = [before ?? new Uint8Array()];
  const records: Uint8Array[] = [];
  let offset = parts[0]?.length ?? 0;
  for (const entry of entries) {
    const data =
      typeof entry.data === "string" ? new TextEncoder().encode(entry.data) : (entry.data ?? new Uint8Array());
    const packed = entry.stored ? data : deflateSync(data);
    const truth: Headers = {
      name: entry.name,
      flags: 0,
      method: entry.stored ? 0 : 8,
      crc: crc32(data),
      compressedSize: packed.length,
      size: data.length,
    };
    const central = { ...truth, ...entry.claims };
    const local = headerOf({ ...central, ...entry.localClaims });
    records.push(recordOf(central, entry, entry.offset ?? offset));
    parts.push(local, packed);
    offset += local.length + packed.length;
  }
  const directory = joined(records);
  parts.push(directory, endOf(count ?? entries.length, directory.length, offset), after ?? new Uint8Array());
  return joined(parts);
}

function headerOf({ name, flags, method, crc, compressedSize, size }: Headers): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  return fields(
    [
      [4, 0x04034b50],
      [2, 20],
      [2, flags],
      [2, method],
      [4, 0x5a215a21],
      [4, crc],
      [4, compressedSize],
      [4, size],
      [2, bytes.length],
      [2, 0],
    ],
    bytes,
  );
}

function recordOf(
  { name, flags, method, crc, compressedSize, size }: Headers,
  { unixMode, extra }: ZipEntry,
  offset: number,
): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  const more = extra ?? new Uint8Array();
  const mode = unixMode === undefined ? 0 : unixMode * 0x10000;
  return fields(
    [
      [4, 0x02014b50],
      [1, 20],
      [1, unixMode === undefined ? 0 : 3],
      [2, 20],
      [2, flags],
      [2, method],
      [4, 0x5a215a21],
      [4, crc],
      [4, compressedSize],
      [4, size],
      [2, bytes.length],
      [2, more.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, mode],
      [4, offset],
    ],
    bytes,
    more,
  );
}

function endOf(count: number, size: number, offset: number): Uint8Array {
  return fields([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, size],
    [4, offset],
    [2, 0],
  ]);
}

/** Little-endian numbers of so many bytes, then the bytes. */
function fields(numbers: readonly (readonly [number, number])[], ...bytes: Uint8Array[]): Uint8Array {
  const head = numbers.flatMap(([width, value]) =>
    Array.from({ length: width }, (_, place) => Math.floor(value / 2 ** (8 * place)) % 256),
  );
  return joined([new Uint8Array(head), ...bytes]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** CRC-32 as ZIP has it (APPNOTE.TXT 4.4.7). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
