import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configuredProviders, readSettings } from "../../../scripts/local/settings.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "swarm-settings-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (environment: Record<string, string>, file = "") => {
  writeFileSync(join(folder, ".dev.vars"), file);
  return readSettings(join(folder, "state"), environment, join(folder, ".dev.vars"));
};

test("the environment wins over the file, and neither hands over what is no setting", () => {
  const settings = read(
    { OPENAI_API_KEY: "from-environment", HOME: "/somewhere" },
    'OPENAI_API_KEY=from-file\nGEMINI_API_KEY="from file"\nUNKNOWN=1\n',
  );
  expect(settings).toMatchObject({ OPENAI_API_KEY: "from-environment", GEMINI_API_KEY: "from file" });
  expect(Object.keys(settings)).not.toContain("HOME");
  expect(Object.keys(settings)).not.toContain("UNKNOWN");
});

test("a setting that is given empty counts as not given: the provider stays off", () => {
  expect(configuredProviders(read({ OPENAI_API_KEY: "", ANTHROPIC_API_KEY: "key" }))).toEqual(["anthropic"]);
});

test("a server of the OpenAI kind needs an address and no key", () => {
  expect(configuredProviders(read({ OPENAI_COMPATIBLE_BASE_URL: "http://127.0.0.1:11434/v1" }))).toEqual([
    "openai-compatible",
  ]);
  expect(configuredProviders(read({ OPENAI_COMPATIBLE_API_KEY: "key" }))).toEqual([]);
});

test("a secret is made once, and not where it is given", () => {
  const first = read({}).AUTH_SECRET;
  expect(first?.length).toBeGreaterThanOrEqual(32);
  expect(read({}).AUTH_SECRET).toBe(first);
  expect(read({ AUTH_SECRET: "given" }).AUTH_SECRET).toBe("given");
  expect(read({}).AUTH_SECRET).toBe(first);
});

test("a secret that a later release asks for is added, and those that are kept stay", () => {
  const first = read({ ENCRYPTION_KEY: "given" });
  const later = read({});
  expect(later.AUTH_SECRET).toBe(first.AUTH_SECRET);
  expect(later.ENCRYPTION_KEY?.length).toBeGreaterThanOrEqual(32);
  expect(later.ENCRYPTION_KEY).not.toBe(later.AUTH_SECRET);
  expect(read({})).toEqual(later);
});
