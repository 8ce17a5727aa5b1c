/** R2 takes parts of 5 MiB or more, and all but the last of one size. */
const PART_BYTES = 5 * 1024 * 1024;

const httpMetadata = { contentType: "application/zip" };

/** What of R2's bucket a bulk export needs to write its file. */
export type UploadBucket = Pick<R2Bucket, "createMultipartUpload" | "resumeMultipartUpload" | "delete" | "list">;

/**
 * An object that is written part by part: of it one part is in memory. It is there as a whole once `complete` has
 * answered, and not at all before.
 */
export class BulkUpload {
  readonly #upload: R2MultipartUpload;
  readonly #parts: R2UploadedPart[] = [];
  /** Filled again for each part: it was read when the upload of the last one has answered. */
  readonly #part = new Uint8Array(PART_BYTES);
  #filled = 0;
  #sent = 0;

  private constructor(upload: R2MultipartUpload) {
    this.#upload = upload;
  }

  static async begin(bucket: UploadBucket, key: string): Promise<BulkUpload> {
    return new BulkUpload(await bucket.createMultipartUpload(key, { httpMetadata }));
  }

  /** What {@link abortUpload} needs to take it away when this process no longer can. */
  get id(): string {
    return this.#upload.uploadId;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.byteLength; ) {
      const taken = bytes.subarray(from, from + PART_BYTES - this.#filled);
      this.#part.set(taken, this.#filled);
      this.#filled += taken.byteLength;
      from += taken.byteLength;
      if (this.#filled === PART_BYTES) await this.#send();
    }
  }

  /** Ends the object. Answers its bytes. */
  async complete(): Promise<number> {
    if (this.#filled > 0 || this.#parts.length === 0) await this.#send();
    await this.#upload.complete(this.#parts);
    return this.#sent;
  }

  async abort(): Promise<void> {
    await this.#upload.abort();
  }

  async #send(): Promise<void> {
    const part = this.#part.subarray(0, this.#filled);
    this.#parts.push(await this.#upload.uploadPart(this.#parts.length + 1, part));
    this.#sent += part.byteLength;
    this.#filled = 0;
  }
}
