import { z } from "zod";
import type { LiveFeedObject } from "./executions/live-feed.ts";
import type { StepMessage } from "./executions/message.ts";
import type { CircuitBreaker } from "./providers/circuit-breaker.ts";

const flag = z
  .enum(["true", "false", ""])
  .default("false")
  .transform((value) => value === "true");
const text = z.string().trim().min(1).optional().catch(undefined);

/** Vars and secrets, as text. Documented for people in the README's table of settings. */
const settingsSchema = z.object({
  AUTH_SECRET: z
    .string()
    .min(32, "AUTH_SECRET needs at least 32 characters: set it with `wrangler secret put AUTH_SECRET`"),
  /** Seals stored provider keys and webhook secrets. */
  ENCRYPTION_KEY: z
    .string()
    .min(32, "ENCRYPTION_KEY needs at least 32 random characters: set it with `wrangler secret put ENCRYPTION_KEY`"),
  /** Opens what was sealed before ENCRYPTION_KEY was changed. */
  ENCRYPTION_KEY_PREVIOUS: text,
  PUBLIC_URL: z.url().optional().catch(undefined),
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
  OPENAI_API_KEY: text,
  OPENAI_BASE_URL: text,
  ANTHROPIC_API_KEY: text,
  ANTHROPIC_BASE_URL: text,
  GEMINI_API_KEY: text,
  GEMINI_BASE_URL: text,
  OPENAI_COMPATIBLE_API_KEY: text,
  OPENAI_COMPATIBLE_BASE_URL: text,
});

export type Settings = z.infer<typeof settingsSchema>;

/** The names of all settings: what a local start takes over from the environment. */
export const SETTING_NAMES: readonly string[] = Object.keys(settingsSchema.shape);

/** What the platform hands to the Worker: bindings by name, and settings as unparsed text. */
export interface Env {
  DB: D1Database;
  EXECUTIONS: Queue<StepMessage>;
  OUTPUTS: R2Bucket;
  EXPORTS: R2Bucket;
  LIVE_FEED: DurableObjectNamespace<LiveFeedObject<Env>>;
  CIRCUIT_BREAKER: DurableObjectNamespace<CircuitBreaker>;
  ASSETS: Fetcher;
}

const parsed = new WeakMap<Env, Settings>();

/** The settings of this environment, parsed once per isolate. Throws with the setting's name when one is unusable. */
export function settingsOf(env: Env): Settings {
  const known = parsed.get(env);
  if (known) return known;
  const settings = settingsSchema.parse(env);
  parsed.set(env, settings);
  return settings;
}
