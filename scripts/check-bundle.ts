import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { firstLoadScripts } from "./local/first-load.ts";
import { WORKER_ENTRY } from "./local/paths.ts";

/**
 * Refuses what grows past its budget, which is seldom meant: usually one import has pulled in a whole library. Exits 1
 * with the sizes.
 *
 * - The Worker: a larger one slows every cold start. The platform's own limit is far higher.
 * - The dashboard's first load: the scripts that the browser fetches before it shows anything. Pages come after that.
 */
const BUDGETS = [
  {
    name: "The Worker",
    files: [WORKER_ENTRY],
    limitKiB: 900,
    advice: "npx wrangler deploy --dry-run --outdir dist/worker --metafile",
  },
  {
    name: "The dashboard's first load",
    files: firstLoadScripts(),
    limitKiB: 300,
    advice: "npm run build:web, and look at what app/ imports: pages belong behind import()",
  },
];

let over = false;
for (const { name, files, limitKiB, advice } of BUDGETS) {
  const sizes = files.map((file) => gzipSync(readFileSync(file), { level: 9 }).byteLength);
  const gzipped = sizes.reduce((sum, size) => sum + size, 0) / 1024;
  const report = `${name} is ${gzipped.toFixed(0)} KiB gzipped, of ${limitKiB} KiB.`;
  if (gzipped > limitKiB) {
    console.error(`${report} Find what pulls it up: ${advice}`);
    over = true;
  } else console.log(report);
}
if (over) process.exit(1);
