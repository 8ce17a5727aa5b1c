import type { OutputStore } from "./engine.ts";

/** What R2 deletes in one call. */
const DELETE_BATCH = 1_000;

/** Large outputs in an R2 bucket. */
export function r2Outputs(bucket: R2Bucket): OutputStore {
  return {
    async put(key, text) {
      await bucket.put(key, text, { httpMetadata: { contentType: "text/plain; charset=utf-8" } });
    },
    async get(key) {
      const object = await bucket.get(key);
      return object === null ? null : object.text();
    },
    async delete(keys) {
      for (let start = 0; start < keys.length; start += DELETE_BATCH) {
        await bucket.delete(keys.slice(start, start + DELETE_BATCH));
      }
    },
  };
}
