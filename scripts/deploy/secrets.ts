import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { EnvironmentName } from "./environments.ts";
import { type Step, shown } from "./step.ts";
import { jsonOf, run, StepFailed, wrangler, wranglerFailed } from "./wrangler.ts";

/** Without these no Worker starts. They are never written over: a new one would sign everybody out, or lose stored keys. */
const REQUIRED = ["AUTH_SECRET", "ENCRYPTION_KEY"] as const;
const SECRET_BYTES = 32;

/** Set to what the environment gives, and left alone where it gives nothing. */
const GIVEN = [
  "OPENAI_API_KEY",
  "ANTHROPIC_API_KEY",
  "GEMINI_API_KEY",
  "OPENAI_COMPATIBLE_API_KEY",
  "ENCRYPTION_KEY_PREVIOUS",
] as const;

const secretsSchema = z.array(z.looseObject({ name: z.string() }));

/** The secrets, before the Worker that needs them: wrangler makes an empty Worker to hold them where there is none. */
export function secretsStep(environment: EnvironmentName): Step {
  const list = ["secret", "list", "--format", "json", "--env", environment];
  const bulk = ["secret", "bulk", "--env", environment];
  return {
    title: "Secrets",
    commands: [
      shown("wrangler", list),
      `${shown("wrangler", bulk)} (on standard input: those that are missing or given)`,
    ],
    run: async () => {
      const there = await namesOf(list);
      const missing = REQUIRED.filter((name) => !there.has(name));
      const given = GIVEN.flatMap((name) => {
        const value = process.env[name]?.trim();
        return value ? [[name, value] as const] : [];
      });
      const secrets = Object.fromEntries([...missing.map((name) => [name, requiredValue(name)] as const), ...given]);
      const names = Object.keys(secrets);
      if (names.length > 0) await wrangler(bulk, { input: JSON.stringify(secrets) });
      return names.length === 0 ? "are there" : `set ${names.join(", ")}`;
    },
  };
}

async function namesOf(list: readonly string[]): Promise<Set<string>> {
  const listed = await run("wrangler", list);
  if (listed.code === 0) return new Set(secretsSchema.parse(jsonOf(list, listed)).map(({ name }) => name));
  if (/Worker "[^"]+"[^\n]* not found/.test(listed.output)) return new Set();
  throw wranglerFailed(list, listed);
}

function requiredValue(name: (typeof REQUIRED)[number]): string {
  const given = process.env[name]?.trim();
  if (!given) return randomBytes(SECRET_BYTES).toString("base64");
  if (given.length >= SECRET_BYTES) return given;
  throw new StepFailed(
    `${name} of the environment has ${given.length} characters, and needs at least ${SECRET_BYTES}.`,
    "Make one with `openssl rand -base64 32`, or leave it out and one is made.",
  );
}
