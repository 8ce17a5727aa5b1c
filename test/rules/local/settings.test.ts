import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serve } from "../../../scripts/local/serve.ts";
import { configuredProviders, readSettings, requireUsable } from "../../../scripts/local/settings.ts";
import { parseSettings } from "../../../src/env.ts";

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
  expect(configuredProviders(read({ OPENAI_API_KEY: "", GEMINI_API_KEY: " ", ANTHROPIC_API_KEY: "key" }))).toEqual([
    "anthropic",
  ]);
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

const SECRETS = { AUTH_SECRET: "a".repeat(32), ENCRYPTION_KEY: "e".repeat(32) };

test.each([
  ["OPEN_SIGNUP", "perhaps", "takes true or false"],
  ["SHARE_PROVIDER_KEYS", "ture", "takes true or false"],
  ["PUBLIC_URL", "swarm.example.com", "takes an address with its scheme"],
  ["PUBLIC_URL", "swarm.example.com:8443", "takes an address with its scheme"],
  ["OPENAI_BASE_URL", "localhost:11434/v1", "takes an address with its scheme"],
  ["AUTH_SECRET", "short", "needs at least 32"],
  ["SETUP_TOKEN", "short", "needs 32 to 200"],
  ["SETUP_TOKEN", "a setup token with spaces, 32 characters", "needs 32 to 200"],
])("an unusable %s is refused by its name, and its value %s is not repeated", (name, value, rule) => {
  const attempt = () => requireUsable({ ...SECRETS, [name]: value });
  expect(attempt).toThrow(`${name} ${rule}`);
  expect(attempt).toThrow(".dev.vars");
  expect(attempt).not.toThrow(`"${value}"`);
});

test("every unusable setting is named at once, and a missing secret is one", () => {
  expect(() => parseSettings({ OPEN_SIGNUP: "2" })).toThrow(
    /^AUTH_SECRET needs .*\nENCRYPTION_KEY needs .*\nOPEN_SIGNUP takes/,
  );
});

test("a flag is understood in the ways that people write one", () => {
  const open = (OPEN_SIGNUP: unknown) => parseSettings({ ...SECRETS, OPEN_SIGNUP }).OPEN_SIGNUP;
  for (const yes of ["true", "1", "yes", "True", " YES ", true, 1]) expect(open(yes), String(yes)).toBe(true);
  for (const no of ["false", "0", "no", "", false, 0, undefined]) expect(open(no), String(no)).toBe(false);
});

test("an address and a text that are given empty count as not given", () => {
  const settings = parseSettings({ ...SECRETS, PUBLIC_URL: "", OPENAI_API_KEY: " ", GEMINI_API_KEY: " key " });
  expect(settings).toMatchObject({ PUBLIC_URL: undefined, OPENAI_API_KEY: undefined, GEMINI_API_KEY: "key" });
  expect(parseSettings({ ...SECRETS, LOG_SAMPLE_PERCENT: "" }).LOG_SAMPLE_PERCENT).toBe(10);
  expect(parseSettings({ ...SECRETS, LOG_SAMPLE_PERCENT: "0" }).LOG_SAMPLE_PERCENT).toBe(0);
  expect(parseSettings({ ...SECRETS, PUBLIC_URL: "https://swarm.example.com" }).PUBLIC_URL).toBe(
    "https://swarm.example.com",
  );
});

test("a local start stops at an unusable setting before it builds anything, and gives the folder back", async () => {
  const said: string[] = [];
  const start = async (environment: Record<string, string>) => {
    const served = await serve({
      port: 0,
      stateDir: join(folder, "state"),
      environment,
      simulatedLatencyMs: 0,
      say: (line) => said.push(line),
      log: () => undefined,
    });
    await served.stop();
  };
  await expect(start({ OPEN_SIGNUP: "perhaps" })).rejects.toThrow("OPEN_SIGNUP takes true or false");
  await expect(start({ PUBLIC_URL: "swarm.example.com" })).rejects.toThrow("PUBLIC_URL takes an address");
  expect(said).toEqual([]);
}, 20_000);
