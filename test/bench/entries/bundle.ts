import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { firstLoadScripts } from "../../../scripts/local/first-load.ts";
import { WORKER_ENTRY } from "../../../scripts/local/paths.ts";
import type { Figures } from "../figure.ts";

/**
 * How large the built Worker is as it is uploaded, which is read at every cold start, and how much script the dashboard
 * loads before it shows anything.
 */
export async function bundle(): Promise<Figures> {
  return {
    "bundle.gzip_kb": { value: gzippedKiB([WORKER_ENTRY]), unit: "KiB" },
    "web.first_load_kb": { value: gzippedKiB(firstLoadScripts()), unit: "KiB" },
  };
}

function gzippedKiB(files: readonly string[]): number {
  const sizes = files.map((file) => gzipSync(readFileSync(file), { level: 9 }).byteLength);
  return sizes.reduce((sum, size) => sum + size, 0) / 1_024;
}
