import { DomainError } from "../core/errors.ts";
import { ARCHIVE_LIMITS } from "./rules/archive-limits.ts";

/** Up to here a file is imported within its request. */
export const SMALL_BYTES = 5 * 1024 * 1024;
/** R2 takes parts of at least 5 MiB, all but the last equally long. */
const PART_BYTES = 5 * 1024 * 1024;

/** What of R2's bucket is needed to write a file of a length that is not known yet. */
export interface UploadBucket {
  createMultipartUpload(key: string): Promise<MultipartUpload>;
}

interface MultipartUpload {
  uploadPart(number: number, bytes: Uint8Array): Promise<R2UploadedPart>;
  complete(parts: R2UploadedPart[]): Promise<unknown>;
  abort(): Promise<void>;
}

/** What came in: whole, or its beginning when it lies in R2. */
export type Received = { stored: false; bytes: Uint8Array } | { stored: true; start: Uint8Array; size: number };

interface Spill {
  bucket: UploadBucket;
  /** Where the file goes when it is too long to be held. Called once, before anything is written there. */
  open(): Promise<string>;
}

/**
 * Takes a file in: what is short is held, what is longer goes to R2 part by part, so that five megabytes are held at
 * most twice. Throws `body_too_large` at the first byte over 50 MB, and leaves nothing in R2 then.
 */
export async function receiveUpload(pieces: AsyncIterable<Uint8Array>, { bucket, open }: Spill): Promise<Received> {
  const held = new Uint8Array(PART_BYTES);
  let filled = 0;
  let size = 0;
  let start: Uint8Array = new Uint8Array();
  let upload: MultipartUpload | undefined;
  const parts: R2UploadedPart[] = [];
  try {
    for await (const piece of pieces) {
      size += piece.byteLength;
      if (size > ARCHIVE_LIMITS.compressed) throw tooLarge();
      let rest = piece;
      while (rest.byteLength > 0) {
        if (filled === PART_BYTES) {
          if (upload === undefined) {
            start = held.slice(0, 16);
            upload = await bucket.createMultipartUpload(await open());
          }
          parts.push(await upload.uploadPart(parts.length + 1, held.slice()));
          filled = 0;
        }
        const taken = rest.subarray(0, PART_BYTES - filled);
        held.set(taken, filled);
        filled += taken.byteLength;
        rest = rest.subarray(taken.byteLength);
      }
    }
    if (upload === undefined) return { stored: false, bytes: held.slice(0, filled) };
    parts.push(await upload.uploadPart(parts.length + 1, held.slice(0, filled)));
    await upload.complete(parts);
    return { stored: true, start, size };
  } catch (error) {
    await upload?.abort();
    throw error;
  }
}

function tooLarge(): DomainError {
  return new DomainError(
    "body_too_large",
    `A file to import is at most ${ARCHIVE_LIMITS.compressed} bytes. Export fewer workflows at once, or as ZIP.`,
  );
}
