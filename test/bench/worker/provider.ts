import OpenAI from "openai";
import { systemClock } from "../../../src/core/clock.ts";
import { consoleLogger } from "../../../src/core/log.ts";
import { type Env, settingsOf } from "../../../src/env.ts";
import {
  adapterFor,
  type ChainPorts,
  openBreakers,
  type ProviderKey,
  resolveKey,
  runChain,
} from "../../../src/providers/index.ts";

// The Durable Object classes, whichever there are: wrangler.toml names them.
export * from "../../../src/index.ts";

/** Calls a provider in the two ways that the bench compares. It is built for the bench alone and never deployed. */
const MODEL = "gpt-4.1-mini";
const PROMPT = "go";
const SYSTEM = "You are brief.";
const MAX_TOKENS = 200;

async function callRaw({ apiKey, baseUrl }: ProviderKey, times: number): Promise<void> {
  const client = new OpenAI({ apiKey, baseURL: baseUrl, maxRetries: 0 });
  for (let call = 0; call < times; call += 1) {
    await client.chat.completions.create({
      model: MODEL,
      messages: [
        { role: "developer", content: SYSTEM },
        { role: "user", content: PROMPT },
      ],
      max_completion_tokens: MAX_TOKENS,
      temperature: 0,
    });
  }
}

/** As an engine does it: each call asks the breaker, goes through the chain and its adapter, and is reported. */
async function callByChain(env: Env, context: ExecutionContext, found: ProviderKey, times: number): Promise<void> {
  const waitUntil = (work: Promise<unknown>) => context.waitUntil(work);
  const ports: ChainPorts = {
    workspaceId: "bench",
    clock: systemClock,
    breakers: openBreakers(env.CIRCUIT_BREAKER, { clock: systemClock, log: consoleLogger, waitUntil }),
    complete: (provider, request, options) => adapterFor(provider).complete(request, options),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    background: waitUntil,
    onCall: () => Promise.reject(new Error("Nothing fails here.")),
    onLate: () => Promise.reject(new Error("Nothing is given up here.")),
  };
  const key = { ...found, credential: "environment" };
  const target = { provider: "openai", model: MODEL, reason: "bench", contextWindow: null, key } as const;
  const sampling = { temperature: 0, maxTokens: MAX_TOKENS, topP: null, stopSequences: [] };
  for (let call = 0; call < times; call += 1) {
    const policy = {
      on: { error: true, rateLimit: true, timeout: true, statusCodes: [] },
      retries: 0,
      attemptTimeoutMs: 60_000,
      deadlineAt: systemClock.now() + 60_000,
      waitedMs: 0,
    };
    const request = { model: MODEL, system: SYSTEM, prompt: PROMPT, ...sampling };
    const result = await runChain(ports, [target], request, policy, new AbortController().signal);
    if (!result.ok) throw result.error;
  }
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    const times = Number(searchParams.get("times"));
    const key = resolveKey(settingsOf(env), "openai");
    if (key === null) return new Response("OPENAI_API_KEY is not set.", { status: 500 });
    if (pathname === "/api/raw") await callRaw(key, times);
    else if (pathname === "/api/chain") await callByChain(env, context, key, times);
    else return new Response(`There is no ${pathname}.`, { status: 404 });
    return new Response(null, { status: 204 });
  },
  queue() {
    throw new Error("The bench of providers queues nothing.");
  },
} satisfies ExportedHandler<Env>;
