import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildIfStale } from "../../scripts/local/build.ts";
import { ROOT } from "../../scripts/local/paths.ts";
import { nextSignal } from "../../scripts/local/signals.ts";
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
 * d1 chain` those named, whose figures take the place of their earlier ones. An entry that fails costs no other its
 * figures, and ends the run with 1. Figures of time mean something on an idle machine only, and beside their control.
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

// What an entry that is interrupted, or fails, leaves behind lies in here.
process.env.TMPDIR = mkdtempSync(join(tmpdir(), "swarm-bench-"));
process.on("exit", () => rmSync(process.env.TMPDIR ?? "", { recursive: true, force: true, maxRetries: 5 }));
void nextSignal().then(() => process.exit(130));

await buildIfStale(console.log);
const file = join(ROOT, "bench.json");
const before = existsSync(file) ? readFileSync(file, "utf8") : null;
const figures: Figures = {};
const failed: string[] = [];
for (const [name, measure] of Object.entries(ENTRIES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`Measuring ${name} ...`);
  try {
    Object.assign(figures, await measure());
  } catch (error) {
    console.error(`${name} failed:`, error);
    failed.push(name);
  }
  // At once: a later entry may be interrupted, and a whole run takes long.
  writeFileSync(file, keptFigures(before, figures).text);
}
console.log(`\n${table(figures)}`);

const whole = asked.length === 0 && failed.length === 0;
const { text, fault } = keptFigures(whole ? null : before, figures);
if (fault !== null) console.error(`\n${file} could not be read, and what it held is lost: ${fault}`);
writeFileSync(file, text);
const besides = !whole && before !== null && fault === null ? ", beside the figures of other entries" : "";
console.log(`\nWritten to ${file}${besides}`);
if (failed.length > 0) console.error(`Not measured: ${failed.join(", ")}. Look further up for why.`);
process.exit(failed.length > 0 ? 1 : 0);
