import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { WEB_DIR, WORKER_ENTRY } from "./local/paths.ts";

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
    files: scriptsOf(join(WEB_DIR, "index.html")),
    limitKiB: 300,
    advice: "npx vite build web, and look at what app/ imports: pages belong behind import()",
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

/** The scripts that a built page names, and all that these import before they run. */
function scriptsOf(page: string): string[] {
  const html = readFileSync(page, "utf8");
  const named = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(([, path]) => join(WEB_DIR, path ?? ""));
  const found = new Set<string>();
  const open = named;
  for (const file of open) {
    if (found.has(file)) continue;
    found.add(file);
    const imports = readFileSync(file, "utf8").matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g);
    for (const [, name] of imports) open.push(join(file, "..", name ?? ""));
  }
  return [...found];
}
