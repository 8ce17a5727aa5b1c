import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildIfStale } from "../../scripts/local/build.ts";
import { ROOT } from "../../scripts/local/paths.ts";
import { analytics } from "./entries/analytics.ts";
import { bulkExport } from "./entries/bulk-export.ts";
import { bundle } from "./entries/bundle.ts";
import { chain } from "./entries/chain.ts";
import { commit } from "./entries/commit.ts";
import { compare } from "./entries/compare.ts";
import { d1 } from "./entries/d1.ts";
import { dispatch } from "./entries/dispatch.ts";
import { execution } from "./entries/execution.ts";
import { fanout } from "./entries/fanout.ts";
import { health } from "./entries/health.ts";
import { importing } from "./entries/import.ts";
import { provider } from "./entries/provider.ts";
import { startup } from "./entries/startup.ts";
import { trigger } from "./entries/trigger.ts";
import type { Figures } from "./figure.ts";
import { keptFigures } from "./kept-figures.ts";
import { table } from "./table.ts";

/**
 * Measures the built Worker and writes bench.json. `npm run bench` runs all entries and writes it anew, `npm run bench --
 * d1 chain` those named, whose figures take the place of their earlier ones. Figures of time mean something on an idle machine only, and beside their control.
 */
const ENTRIES: Record<string, () => Promise<Figures>> = {
  chain,
  execution,
  provider,
  fanout,
  d1,
  compare,
  commit,
  dispatch,
  analytics,
  import: importing,
  "bulk-export": bulkExport,
  bundle,
  startup,
  health,
  trigger,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(ENTRIES, name));
if (unknown.length > 0) {
  console.error(`No entry is called ${unknown.join(", ")}. There are: ${Object.keys(ENTRIES).join(", ")}.`);
  process.exit(1);
}

await buildIfStale(console.log);
const figures: Figures = {};
for (const [name, measure] of Object.entries(ENTRIES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`Measuring ${name} ...`);
  Object.assign(figures, await measure());
}
console.log(`\n${table(figures)}`);

const file = join(ROOT, "bench.json");
const before = asked.length > 0 && existsSync(file) ? readFileSync(file, "utf8") : null;
const { text, fault } = keptFigures(before, figures);
if (fault !== null) console.error(`\n${file} could not be read, and what it held is lost: ${fault}`);
writeFileSync(file, text);
console.log(`\nWritten to ${file}${before === null || fault !== null ? "" : ", beside the figures of other entries"}`);
process.exit(0);
