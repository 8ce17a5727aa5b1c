import OpenAI from "openai";
import { systemClock } from "../../../src/core/clock.ts";
import { openLog } from "../../../src/core/log.ts";
import { readPriceBook } from "../../../src/costs/index.ts";
import { type Db, openDb } from "../../../src/db/client.ts";
import { type Env, settingsOf } from "../../../src/env.ts";
import { writeCall } from "../../../src/executions/store/calls.ts";
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

const WORKSPACE = "bench";
const AGENT = {
  ...{ id: "agent", nodeId: "node", name: "Bench", role: "bench", provider: "openai", model: MODEL },
  ...{ temperature: 0, maxTokens: MAX_TOKENS, capabilities: [] },
};

/** An execution to write calls for, on a database of the bench's own. */
async function newExecution(db: Db) {
  const [executionId, workflowId, versionId] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  await db.d1
    .prepare(
      `INSERT INTO workflows (workspace_id, id, name, draft_hash, revision, created_at, updated_at)
       VALUES (?1, ?2, 'Bench', 'hash', 1, 0, 0)`,
    )
    .bind(WORKSPACE, workflowId)
    .run();
  await db.d1
    .prepare(
      `INSERT INTO executions (workspace_id, id, workflow_id, version_id, version_number, content_hash, status, trigger_type,
         input, created_at, deadline_at) VALUES (?1, ?2, ?3, ?4, 1, 'hash', 'running', 'manual', 'null', 0, 0)`,
    )
    .bind(WORKSPACE, executionId, workflowId, versionId)
    .run();
  return { workspaceId: WORKSPACE, executionId, workflowId, versionId, prices: await readPriceBook(db, WORKSPACE) };
}

/**
 * As an engine does it: each call asks the breaker, goes through the chain and its adapter, and is reported.
 *
 * @param ledger whether each call is also written with its cost, in a batch of its own
 */
async function callByChain(env: Env, context: ExecutionContext, found: ProviderKey, times: number, ledger: boolean) {
  const db = openDb(env.DB);
  const execution = ledger ? await newExecution(db) : null;
  const waitUntil = (work: Promise<unknown>) => context.waitUntil(work);
  const ports: ChainPorts = {
    workspaceId: WORKSPACE,
    clock: systemClock,
    breakers: openBreakers(env.CIRCUIT_BREAKER, {
      clock: systemClock,
      log: openLog({ requestId: "bench" }),
      waitUntil,
    }),
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
    if (!result.ok) throw new Error(result.error.message);
    if (execution === null) continue;
    const step = { nodeId: AGENT.nodeId, fence: call };
    await db.d1.batch(result.calls.flatMap((each) => writeCall(db, execution, step, AGENT, each)));
  }
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    const times = Number(searchParams.get("times"));
    const key = resolveKey(settingsOf(env), "openai");
    if (key === null) return new Response("OPENAI_API_KEY is not set.", { status: 500 });
    if (pathname === "/api/raw") await callRaw(key, times);
    else if (pathname === "/api/chain") await callByChain(env, context, key, times, false);
    else if (pathname === "/api/ledger") await callByChain(env, context, key, times, true);
    else return new Response(`There is no ${pathname}.`, { status: 404 });
    return new Response(null, { status: 204 });
  },
  queue() {
    throw new Error("The bench of providers queues nothing.");
  },
} satisfies ExportedHandler<Env>;
