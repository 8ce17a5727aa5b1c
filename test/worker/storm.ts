import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { openDb } from "../../src/db/client.ts";
import { consumeSteps, type Engine, type StepMessage, startExecution } from "../../src/executions/index.ts";
import { type ErrorKind, ProviderError, type ProviderName } from "../../src/providers/index.ts";
import { type Account, ctxOf, signUp } from "./accounts.ts";
import { batchOf, testEngine } from "./engine.ts";

const SECOND = 1_000;
/** As many as are worked on at once. */
export const AT_ONCE = 40;

/** What a provider does at a time: fails with a kind, or answers. */
export type Behaviour = (provider: ProviderName, now: number) => { fails: ErrorKind; retryAfterMs?: number } | null;

/** A world with real breakers, real steps and a queue that delivers by the clock, which only this moves. */
export async function world(behaviour: Behaviour) {
  const account = await signUp(`Olga ${crypto.randomUUID()}`);
  const queue: { at: number; message: StepMessage }[] = [];
  let delivered = 0;
  const calls: { provider: ProviderName; at: number; failed: boolean }[] = [];
  const clock = { now: () => Date.now(), advance: (ms: number) => void vi.setSystemTime(Date.now() + ms) };
  const complete: Engine["complete"] = async (provider, { model }) => {
    const failure = behaviour(provider, Date.now());
    calls.push({ provider, at: Date.now(), failed: failure !== null });
    // An answer takes its turn: a burst is with the provider before the first of it comes back.
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (failure === null) return { text: "ok", model, finishReason: "stop", usage: null, latencyMs: 1 };
    const { fails, retryAfterMs = null } = failure;
    throw new ProviderError(fails, fails, { httpStatus: 503, retryAfterMs, usage: null, model: null, latencyMs: 1 });
  };
  const engine = testEngine(
    {
      complete,
      random: Math.random,
      log: { log: () => undefined },
      providerKey: async () => ({ apiKey: "k", baseUrl: null, credential: "environment" }),
      send: async (messages, delaySeconds = 0) => {
        queue.push(...messages.map((message) => ({ at: Date.now() + delaySeconds * SECOND, message })));
      },
    },
    clock,
  );

  /** Delivers what is due until `until`, a handful at a time as the platform does. */
  async function letPass(until: number): Promise<void> {
    for (;;) {
      const next = Math.min(...queue.map(({ at }) => at));
      if (next > until) break;
      vi.setSystemTime(Math.max(Date.now(), next));
      const due = queue.filter(({ at }) => at <= Date.now()).slice(0, AT_ONCE);
      for (const each of due) queue.splice(queue.indexOf(each), 1);
      delivered += due.length;
      await Promise.all(due.map(({ message }) => consumeSteps({ ...engine, db: openDb(env.DB) }, batchOf([message]))));
    }
    vi.setSystemTime(Math.max(Date.now(), until));
  }

  return { account, engine, calls, letPass, delivered: () => delivered };
}

export async function startMany(account: Account, engine: Engine, workflowId: string, count: number): Promise<void> {
  const trigger = { type: "manual", id: null } as const;
  const ctx = ctxOf(account, { clock: engine.clock });
  await Promise.all(
    Array.from({ length: count }, () => startExecution(ctx, engine, { workflowId, input: "go", trigger })),
  );
}

export async function outcomes({ workspaceId }: Account) {
  const { results } = await env.DB.prepare(
    "SELECT status, provider, count(*) AS n FROM steps WHERE workspace_id = ? GROUP BY status, provider",
  )
    .bind(workspaceId)
    .all<{ status: string; provider: string | null; n: number }>();
  return results;
}
