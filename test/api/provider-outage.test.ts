import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openDb } from "../../src/db/client.ts";
import { consumeSteps, type Engine, type StepMessage, startExecution } from "../../src/executions/index.ts";
import { type ErrorKind, ProviderError, type ProviderName } from "../../src/providers/index.ts";
import { type Account, ctxOf, signUp } from "../worker/accounts.ts";
import { batchOf, testEngine } from "../worker/engine.ts";
import { createWorkflow } from "../worker/workflows.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const EXECUTIONS = 200;
const AT_ONCE = 40;
const MOST_CALLS = 40;

// The breakers' objects share this isolate's Date: engine, objects and queue all go by it. Timers go on.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What a provider does at a time: fails with a kind, or answers. */
type Behaviour = (provider: ProviderName, now: number) => { fails: ErrorKind; retryAfterMs?: number } | null;

/** A world with real breakers, real steps and a queue that delivers by the clock, which only this moves. */
async function world(behaviour: Behaviour) {
  const account = await signUp(`Olga ${crypto.randomUUID()}`);
  const queue: { at: number; message: StepMessage }[] = [];
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
      await Promise.all(due.map(({ message }) => consumeSteps({ ...engine, db: openDb(env.DB) }, batchOf([message]))));
    }
    vi.setSystemTime(Math.max(Date.now(), until));
  }

  /** Starts executions, a first burst and the others evenly over the minute after it. */
  async function storm(workflowId: string): Promise<void> {
    const beganAt = Date.now();
    const later = EXECUTIONS - AT_ONCE;
    await startMany(account, engine, workflowId, AT_ONCE);
    for (let begun = 0; begun < later; begun += 4) {
      await letPass(beganAt + (begun / later) * MINUTE);
      await startMany(account, engine, workflowId, 4);
    }
  }

  return { account, engine, calls, letPass, storm };
}

async function startMany(account: Account, engine: Engine, workflowId: string, count: number): Promise<void> {
  const trigger = { type: "manual", id: null } as const;
  const ctx = ctxOf(account, { clock: engine.clock });
  await Promise.all(
    Array.from({ length: count }, () => startExecution(ctx, engine, { workflowId, input: "go", trigger })),
  );
}

async function outcomes({ workspaceId }: Account) {
  const { results } = await env.DB.prepare(
    "SELECT status, provider, count(*) AS n FROM steps WHERE workspace_id = ? GROUP BY status, provider",
  )
    .bind(workspaceId)
    .all<{ status: string; provider: string | null; n: number }>();
  return results;
}

const OPENAI = { provider: "openai", model: "gpt-4.1-mini" };

describe("200 executions while their provider fails", () => {
  test.each([
    ["with 503", () => ({ fails: "overloaded" })],
    ["with 503 and 429 in turn", (n) => (n % 2 === 0 ? { fails: "overloaded" } : { fails: "rate_limit" })],
    ["with 429 and a Retry-After of 20 seconds", () => ({ fails: "rate_limit", retryAfterMs: 20 * SECOND })],
  ] satisfies [string, (n: number) => { fails: ErrorKind; retryAfterMs?: number }][])(
    "for a minute, %s, all succeed although they have no other, and it is left alone meanwhile",
    async (_, fail) => {
      let failed = 0;
      const until = Date.now() + MINUTE;
      const it = await world((_provider, now) => {
        if (now >= until) return null;
        failed += 1;
        return fail(failed);
      });
      const agents = { a: { ...OPENAI, fallback: { enabled: false } } };
      await it.storm(await createWorkflow(it.account, ["a>"], { agents }));
      await it.letPass(until + 5 * MINUTE);
      expect(await outcomes(it.account)).toEqual([{ status: "succeeded", provider: "openai", n: EXECUTIONS }]);
      expect(failed).toBeLessThan(MOST_CALLS);
    },
    60_000,
  );

  test("for four minutes, all are answered by the next target, half-open after half-open", async () => {
    const beganAt = Date.now();
    const it = await world((provider, now) =>
      provider === "openai" && now < beganAt + 4 * MINUTE ? { fails: "server" } : null,
    );
    const agents = { a: { ...OPENAI, fallback: { targets: [{ provider: "anthropic", model: "claude-haiku-4-5" }] } } };
    const workflowId = await createWorkflow(it.account, ["a>"], { agents });
    await it.storm(workflowId);
    for (let minute = 1; minute <= 8; minute += 1) {
      await it.letPass(beganAt + minute * MINUTE + SECOND);
      await startMany(it.account, it.engine, workflowId, 10);
      await it.letPass(Date.now());
    }
    const failed = it.calls.filter((call) => call.failed);
    expect(failed.length).toBeLessThan(MOST_CALLS);
    // The probes at one and at three minutes: each met by ten callers, made by one.
    const probes = failed.map(({ at }) => Math.floor((at - beganAt) / MINUTE)).filter((minute) => minute > 0);
    expect(probes).toEqual([1, 3]);
    // The probe at seven minutes closes the breaker, and the last ten are answered by their own model again.
    expect(await outcomes(it.account)).toEqual([
      { status: "succeeded", provider: "anthropic", n: expect.any(Number) },
      { status: "succeeded", provider: "openai", n: expect.any(Number) },
    ]);
    expect(it.calls.slice(-10).every(({ provider }) => provider === "openai")).toBe(true);
  }, 60_000);
});
