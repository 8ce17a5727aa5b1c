import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

const script = join(import.meta.dirname, "../../../scripts/prices-update.ts");
const current = join(import.meta.dirname, "../../../src/costs/catalogue.generated.ts");

let folder: string;
let catalogue: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prices-"));
  catalogue = join(folder, "catalogue.generated.ts");
  copyFileSync(current, catalogue);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What the script prints. */
function update(): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, catalogue], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

it("says that nothing changed, and leaves the file alone, when it is what the price data says", () => {
  const printed = update();
  expect(printed).toContain("no model changed");
  expect(printed).toContain("file unchanged");
  expect(readFileSync(catalogue, "utf8")).toBe(readFileSync(current, "utf8"));
});

it("prints what came, went and costs something else, and writes it", () => {
  const outdated = readFileSync(current, "utf8")
    .replace('"id":"gpt-4.1-mini"', '"id":"gpt-4.1-gone"')
    .replace(/("id":"gpt-5-nano".*?"input":)\d+/, "$177");
  writeFileSync(catalogue, outdated);
  const printed = update();
  expect(printed).toContain("added    openai/gpt-4.1-mini");
  expect(printed).toContain("removed  openai/gpt-4.1-gone");
  expect(printed).toMatch(/changed {2}openai\/gpt-5-nano prices\n.*"input":77.*\n.*"input":50000/);
  expect(printed).toContain("review it");
  expect(readFileSync(catalogue, "utf8")).toBe(readFileSync(current, "utf8"));
});
