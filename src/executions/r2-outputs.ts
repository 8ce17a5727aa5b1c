import type { OutputStore } from "./engine.ts";

/** What R2 deletes in one call. */
const DELETE_BATCH = 1_000;

const httpMetadata = { contentType: "text/plain; charset=utf-8" };

/** Large outputs in an R2 bucket. */
export function r2Outputs(bucket: R2Bucket): OutputStore {
  return {
    async put(key, text) {
      await bucket.put(key, text, { httpMetadata });
    },
    async get(key) {
      const object = await bucket.get(key);
      return object === null ? null : object.text();
    },
    async getRange(key, maxBytes) {
      const object = await bucket.get(key, { range: { offset: 0, length: maxBytes } });
      if (object === null) return null;
      const complete = object.size <= maxBytes;
      // Not flushed when bytes are missing: the character that the range cut in two would become a replacement mark.
      const text = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(await object.arrayBuffer(), {
        stream: !complete,
      });
      return { text, complete };
    },
    async size(key) {
      const object = await bucket.head(key);
      return object === null ? null : object.size;
    },
    async stream(key) {
      const object = await bucket.get(key);
      return object === null ? null : object.body;
    },
    async copy(from, to) {
      const object = await bucket.get(from);
      if (object === null) return false;
      await bucket.put(to, object.body, { httpMetadata });
      return true;
    },
    async delete(keys) {
      for (let start = 0; start < keys.length; start += DELETE_BATCH) {
        await bucket.delete(keys.slice(start, start + DELETE_BATCH));
      }
    },
  };
}
