import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { parseSettings, SETTING_NAMES, UnusableSettings } from "../../src/env.ts";
import { makeFolder } from "./make-folder.ts";
import { ROOT } from "./paths.ts";

/** Which setting switches a provider on. A server of the OpenAI kind may need no key, only an address. */
const SWITCHES = {
  openai: "OPENAI_API_KEY",
  anthropic: "ANTHROPIC_API_KEY",
  gemini: "GEMINI_API_KEY",
  "openai-compatible": "OPENAI_COMPATIBLE_BASE_URL",
} as const;

/** Secrets that the Worker cannot do without, and that anyone may make up. */
const GENERATED = ["AUTH_SECRET", "ENCRYPTION_KEY"] as const;

/**
 * The Worker's settings: those of `.dev.vars` in the checkout, and over them those of the environment. A secret
 * that neither gives is made once and kept in the state folder, readable by its owner only: with a new one at each
 * start everybody would be signed out.
 */
export function readSettings(
  stateDir: string,
  environment: NodeJS.ProcessEnv,
  file = join(ROOT, ".dev.vars"),
): Record<string, string> {
  const settings: Record<string, string> = {};
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  for (const name of SETTING_NAMES) {
    const value = environment[name] ?? fromFile[name];
    if (value !== undefined && value.trim() !== "") settings[name] = value;
  }
  return { ...keptSecrets(stateDir, settings), ...settings };
}

/**
 * Refuses settings that the Worker would refuse, at every request, once it runs. Throws with the name of each and what
 * it takes.
 */
export function requireUsable(settings: Record<string, string>): void {
  try {
    parseSettings(settings);
  } catch (error) {
    if (!(error instanceof UnusableSettings)) throw error;
    const advice = "Change this in the environment or in .dev.vars, and start again:";
    throw new Error(`${advice}\n${error.message}`, { cause: error });
  }
}

/** The providers that can be called with these settings. */
export function configuredProviders(settings: Record<string, string>): string[] {
  return Object.entries(SWITCHES)
    .filter(([, key]) => settings[key] !== undefined)
    .map(([provider]) => provider);
}

function keptSecrets(stateDir: string, given: Record<string, string>): Record<string, string> {
  const missing = GENERATED.filter((name) => given[name] === undefined);
  if (missing.length === 0) return {};
  makeFolder(stateDir);
  const path = join(stateDir, "secrets.env");
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {})) {
    if (value !== undefined) kept[name] = value;
  }
  const made = missing.filter((name) => kept[name] === undefined);
  for (const name of made) kept[name] = randomBytes(32).toString("base64url");
  if (made.length > 0) {
    const lines = Object.entries(kept).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(path, lines.join(""), { mode: 0o600 });
    // The mode above only counts for a file that is new.
    chmodSync(path, 0o600);
  }
  return kept;
}
