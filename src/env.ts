import { z } from "zod";
import type { LiveFeedObject } from "./executions/live-feed.ts";
import type { StepMessage } from "./executions/message.ts";
import type { CircuitBreaker } from "./providers/circuit-breaker.ts";
import type { DispatchMessage } from "./schedules/message.ts";
import type { ExportMessage } from "./transfer/bulk-message.ts";
import type { ImportMessage } from "./transfer/import-message.ts";
import type { WebhookGate } from "./webhooks/webhook-gate.ts";

/** A var of wrangler.toml may be a bare `true` or `1`, everything else comes as text. */
const flag = z
  .union([z.string(), z.boolean(), z.number()], "takes true or false")
  .transform((value) => String(value).trim())
  .pipe(
    z.stringbool({
      truthy: ["true", "1", "yes"],
      falsy: ["false", "0", "no", ""],
      error: "takes true or false (1 and 0, yes and no are the same)",
    }),
  )
  .default(false);

/** Given empty it counts as not given: that is how an environment leaves something out. */
const text = z
  .string("takes text")
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();

const address = text.pipe(
  z
    .url({
      protocol: /^https?$/,
      error: "takes an address with its scheme, such as https://swarm.example.com",
    })
    .optional(),
);

const DEFAULT_LOG_SAMPLE_PERCENT = 10;
const percentage = z.preprocess(
  // Number("") is 0, and would switch the log off.
  (value) => (typeof value === "string" && value.trim() === "" ? undefined : value),
  z.coerce
    .number("takes 0 to 100")
    .min(0, "takes 0 to 100")
    .max(100, "takes 0 to 100")
    .default(DEFAULT_LOG_SAMPLE_PERCENT),
);

const SECRET_RULE =
  "needs at least 32 random characters: make them with `openssl rand -base64 32`, and give them to a deployed Worker with `npx wrangler secret put`";
const secret = z.string(SECRET_RULE).min(32, SECRET_RULE);

/** As it can stand in an address's fragment without being written differently there. */
const SETUP_RULE =
  "needs 32 to 200 letters, digits and -_.~+/=: make one with `openssl rand -hex 32`, or leave it out, and `npm run deploy` makes one where it is of use";

/** What `SETUP_TOKEN` takes; empty it counts as not given. */
export const setupTokenSchema = text.pipe(
  z
    .string()
    .regex(/^[\w.~+/=-]{32,200}$/, SETUP_RULE)
    .optional(),
);

/** Vars and secrets, as text. Documented for people in the README's table of settings. */
const settingsSchema = z.object({
  AUTH_SECRET: secret,
  /** Seals stored provider keys and webhook secrets. */
  ENCRYPTION_KEY: secret,
  /** Opens what was sealed before ENCRYPTION_KEY was changed. */
  ENCRYPTION_KEY_PREVIOUS: text,
  /** What the first sign-up has to bring, so that a public installation does not belong to whoever finds it first. */
  SETUP_TOKEN: setupTokenSchema,
  PUBLIC_URL: address,
  OPEN_SIGNUP: flag,
  /** Keys from the environment serve the installation owner's workspace; others only with this. */
  SHARE_PROVIDER_KEYS: flag,
  SIMULATED_PROVIDERS: flag,
  /** Lets a stored base URL be loopback: for a model server on the machine that Swarm runs on. */
  ALLOW_LOCAL_PROVIDERS: flag,
  /**
   * Local only, where `npm start` always sets it: batches of steps are acknowledged before they are worked on, because
   * the local queue hands over one at a time. On Cloudflare a crash would then cost the platform's retries and the
   * dead-letter queue.
   */
  DETACHED_CONSUMER: flag,
  /** Of 100 requests and executions so many are told of in the log from beginning to end. Faults always are. */
  LOG_SAMPLE_PERCENT: percentage,
  OPENAI_API_KEY: text,
  OPENAI_BASE_URL: address,
  ANTHROPIC_API_KEY: text,
  ANTHROPIC_BASE_URL: address,
  GEMINI_API_KEY: text,
  GEMINI_BASE_URL: address,
  OPENAI_COMPATIBLE_API_KEY: text,
  OPENAI_COMPATIBLE_BASE_URL: address,
});

export type Settings = z.infer<typeof settingsSchema>;

/** The names of all settings: what a local start takes over from the environment. */
export const SETTING_NAMES: readonly string[] = Object.keys(settingsSchema.shape);

/** What the platform hands to the Worker: bindings by name, and settings as unparsed text. */
export interface Env {
  DB: D1Database;
  EXECUTIONS: Queue<StepMessage | DispatchMessage | ImportMessage | ExportMessage>;
  OUTPUTS: R2Bucket;
  EXPORTS: R2Bucket;
  LIVE_FEED: DurableObjectNamespace<LiveFeedObject<Env>>;
  CIRCUIT_BREAKER: DurableObjectNamespace<CircuitBreaker>;
  WEBHOOK_GATE: DurableObjectNamespace<WebhookGate>;
  ASSETS: Fetcher;
}

/** Settings that nothing can work with. The message names each and what it takes, and holds no value: it may be a secret. */
export class UnusableSettings extends Error {
  constructor(issues: readonly z.core.$ZodIssue[]) {
    super(issues.map((issue) => `${issue.path.join(".")} ${issue.message}.`).join("\n"));
  }
}

/** The settings in a record of texts by name; other names are left out. Throws {@link UnusableSettings}. */
export function parseSettings(given: object): Settings {
  const result = settingsSchema.safeParse(given);
  if (!result.success) throw new UnusableSettings(result.error.issues);
  return result.data;
}

/** {@link Settings.LOG_SAMPLE_PERCENT} also where other settings cannot be used, which is what the log then tells. */
export function logSampleOf(env: object): number {
  const { data } = percentage.safeParse("LOG_SAMPLE_PERCENT" in env ? env.LOG_SAMPLE_PERCENT : undefined);
  return data ?? DEFAULT_LOG_SAMPLE_PERCENT;
}

const parsed = new WeakMap<Env, Settings>();

/** The settings of this environment, parsed once per isolate. Throws {@link UnusableSettings}. */
export function settingsOf(env: Env): Settings {
  const known = parsed.get(env);
  if (known) return known;
  const settings = parseSettings(env);
  parsed.set(env, settings);
  return settings;
}
