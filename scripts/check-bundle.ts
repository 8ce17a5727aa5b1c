import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { WORKER_ENTRY } from "./local/paths.ts";

/**
 * Refuses a Worker that grows past its budget, which slows every cold start and is seldom meant: usually one import
 * has pulled in a whole SDK. The platform's own limit is far higher. Exits 1 with the size.
 */
const LIMIT_KIB = 900;

const gzipped = gzipSync(readFileSync(WORKER_ENTRY), { level: 9 }).byteLength / 1024;
const report = `The Worker is ${gzipped.toFixed(0)} KiB gzipped, of ${LIMIT_KIB} KiB`;
if (gzipped > LIMIT_KIB) {
  console.error(`${report}. Find what pulls it up: npx wrangler deploy --dry-run --outdir dist/worker --metafile`);
  process.exit(1);
}
console.log(`${report}.`);
