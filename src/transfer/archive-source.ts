/** Bytes that can be read in any order: in memory, or in R2 range by range. */
export interface ByteSource {
  size: number;
  /** The bytes from `offset`, fewer at the end of the source. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Bytes that are in memory already. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.byteLength, read: async (offset, length) => bytes.subarray(offset, offset + length) };
}

/** What of R2's bucket is needed to read an object range by range. */
export interface RangeBucket {
  get(
    key: string,
    options: { range: { offset: number; length: number } },
  ): Promise<{ bytes(): Promise<Uint8Array> } | null>;
}

/** The object that holds a file is gone: nothing can go on with it. */
export class MissingFile extends Error {}

/** An object of R2. Throws {@link MissingFile} when it is gone. */
export function objectSource(bucket: RangeBucket, key: string, size: number): ByteSource {
  return {
    size,
    async read(offset, length) {
      const wanted = Math.min(length, size - offset);
      if (wanted <= 0) return new Uint8Array();
      const object = await bucket.get(key, { range: { offset, length: wanted } });
      if (object === null) throw new MissingFile("the file of an import is gone from R2");
      return object.bytes();
    },
  };
}

/** A source from its beginning, a piece at a time. */
export async function* piecesOf(source: ByteSource, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < source.size; offset += pieceBytes) yield source.read(offset, pieceBytes);
}
