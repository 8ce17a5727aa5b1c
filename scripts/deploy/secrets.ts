import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { EnvironmentName } from "./environments.ts";
import { newSetupToken } from "./setup-token.ts";
import { type Step, shown } from "./step.ts";
import type { Deployed } from "./worker.ts";
import { jsonOf, run, StepFailed, wrangler, wranglerFailed } from "./wrangler.ts";

/** Without these no Worker starts. They are never written over: a new one would sign everybody out, or lose stored keys. */
const REQUIRED = ["AUTH_SECRET", "ENCRYPTION_KEY"] as const;
const SECRET_BYTES = 32;

/** Set to what the environment gives, and left alone where it gives nothing. */
export const GIVEN = [
  "OPENAI_API_KEY",
  "ANTHROPIC_API_KEY",
  "GEMINI_API_KEY",
  "OPENAI_COMPATIBLE_API_KEY",
  "ENCRYPTION_KEY_PREVIOUS",
] as const;

const secretsSchema = z.array(z.looseObject({ name: z.string() }));

/**
 * Whether something is sealed, as a workspace's keys and the secrets of webhooks are: a new ENCRYPTION_KEY would open none
 * of them. And whether somebody owns the installation: until then it needs a setup token.
 */
const ASK_DATABASE = `SELECT EXISTS(SELECT 1 FROM credentials) OR EXISTS(SELECT 1 FROM webhooks)
  OR EXISTS(SELECT 1 FROM budgets WHERE webhook_secret IS NOT NULL) AS sealed,
  EXISTS(SELECT 1 FROM installation) AS owned`;
const databaseSchema = z
  .tuple([z.looseObject({ results: z.tuple([z.object({ sealed: z.number(), owned: z.number() })]) })])
  .transform(([{ results }]) => ({ sealed: results[0].sealed !== 0, owned: results[0].owned !== 0 }));

/** After a rollback the newest version is not the one that runs: secrets are then taken for a new version only. */
const ROLLED_BACK = /latest version of your Worker isn't currently deployed|code: 1021[45]\b/;

/** The secrets, before the Worker that needs them: wrangler makes an empty Worker to hold them where there is none. */
export function secretsStep(environment: EnvironmentName, deployed: Deployed): Step {
  const bulk = ["secret", "bulk", "--env", environment];
  const ask = ["d1", "execute", "DB", "--remote", "--env", environment, "--json", "--command", ASK_DATABASE];
  return {
    title: "Secrets",
    commands: [
      shown("wrangler", listing(environment)),
      `${shown("wrangler", ask.slice(0, -1))} (whether something is sealed, and whether somebody owns the installation)`,
      `${shown("wrangler", bulk)} (on standard input: those that are missing or given, and a new SETUP_TOKEN while nobody owns the installation; \`versions secret bulk\` after a rollback)`,
    ],
    run: async () => {
      const there = (await listSecrets(environment)) ?? new Set();
      const missing = REQUIRED.filter((name) => !there.has(name));
      const { sealed, owned } = await askDatabase(ask);
      if (sealed && missing.includes("ENCRYPTION_KEY") && !process.env.ENCRYPTION_KEY?.trim()) throw keyIsLost();
      if (!owned) deployed.setup = newSetupToken();
      const given = GIVEN.flatMap((name) => {
        const value = process.env[name]?.trim();
        return value ? [[name, value] as const] : [];
      });
      const setup = deployed.setup ? [["SETUP_TOKEN", deployed.setup.token] as const] : [];
      const made = missing.map((name) => [name, requiredValue(name)] as const);
      const secrets = Object.fromEntries([...made, ...setup, ...given]);
      const names = Object.keys(secrets);
      if (names.length > 0) await setSecrets(bulk, JSON.stringify(secrets));
      const kept = REQUIRED.filter((name) => there.has(name) && process.env[name]?.trim());
      const set = names.length === 0 ? "are there" : `set ${names.join(", ")}`;
      const how = `change with \`npx wrangler secret put NAME --env ${environment}\``;
      return kept.length === 0 ? set : `${set}; left as they were: ${kept.join(", ")} (${how})`;
    },
  };
}

function listing(environment: EnvironmentName): string[] {
  return ["secret", "list", "--format", "json", "--env", environment];
}

/** The names of the Worker's secrets; `null` where there is no such Worker. */
export async function listSecrets(environment: EnvironmentName): Promise<Set<string> | null> {
  const list = listing(environment);
  const listed = await run("wrangler", list);
  if (listed.code === 0) return new Set(secretsSchema.parse(jsonOf(list, listed)).map(({ name }) => name));
  if (/Worker "[^"]+"[^\n]* not found/.test(listed.output)) return null;
  throw wranglerFailed(list, listed);
}

async function askDatabase(ask: readonly string[]): Promise<{ sealed: boolean; owned: boolean }> {
  const asked = await run("wrangler", ask);
  if (asked.code !== 0 && /no such table/.test(asked.output)) return { sealed: false, owned: false };
  if (asked.code !== 0) throw wranglerFailed(ask, asked);
  return databaseSchema.parse(jsonOf(ask, asked));
}

/** Instead of making a new ENCRYPTION_KEY for a database whose Worker had one: it was deleted or renamed. */
function keyIsLost(): StepFailed {
  return new StepFailed(
    "The Worker has no ENCRYPTION_KEY, and the database holds what was sealed with the one before. A new key would open none of it.",
    "Give ENCRYPTION_KEY in the environment: the key of the Worker before. If it is lost, give a new one (`openssl rand -base64 32`), and store provider keys and the secrets of webhooks again.",
  );
}

/** The version that holds the secrets is deployed by the step that deploys the Worker. */
async function setSecrets(bulk: readonly string[], input: string): Promise<void> {
  const set = await run("wrangler", bulk, { input });
  if (set.code === 0) return;
  if (!ROLLED_BACK.test(set.output)) throw wranglerFailed(bulk, set);
  await wrangler(["versions", ...bulk], { input });
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
