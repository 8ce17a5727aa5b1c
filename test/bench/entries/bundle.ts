import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { WORKER_ENTRY } from "../../../scripts/local/paths.ts";
import type { Figures } from "../figure.ts";

/** How large the built Worker is as it is uploaded, which is read at every cold start. */
export async function bundle(): Promise<Figures> {
  const bytes = gzipSync(readFileSync(WORKER_ENTRY), { level: 9 }).byteLength;
  return { "bundle.gzip_kb": { value: bytes / 1_024, unit: "KiB" } };
}
