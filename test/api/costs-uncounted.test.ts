import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CostsView } from "../../src/costs/analytics-inputs.ts";
import { rebuildRollups } from "../../src/costs/index.ts";
import type { Repriced, UnpricedModel } from "../../src/costs/pricing-inputs.ts";
import { openDb } from "../../src/db/client.ts";
import { type Engine, startExecution } from "../../src/executions/index.ts";
import type { LiveEvent } from "../../src/executions/live-events.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, resetBreaker, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

/** gpt-4.1-mini: 10 tokens in and 5 out. */
const CALL = 12_000;

let account: Account;
beforeEach(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const WITHOUT_USAGE = {
  id: "c",
  model: "gpt-4.1-mini-2025-04-14",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "ok" } }],
};

function answerWith(...answers: (() => Response)[]): void {
  let count = 0;
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    const answer = answers[Math.min(count, answers.length - 1)];
    count += 1;
    if (!answer) throw new Error("no answer was given");
    return answer();
  });
}

function lostConnection(): Response {
  throw new Error("connection lost");
}

async function run(
  over: Partial<Engine> = {},
  fallback: object = { enabled: false },
  edges: readonly string[] = ["a"],
) {
  const engine = testEngine(over);
  const options = { settings: { stepRetries: 0 }, agents: { a: { fallback } } };
  const workflowId = await createWorkflow(account, edges, options);
  const trigger = { type: "manual", id: null } as const;
  const ctx = ctxWith(account, engine);
  const { executionId } = await startExecution(ctx, engine, { workflowId, input: "go", trigger });
  await engine.drain();
  await resetBreaker(engine, account);
  return { executionId, read: () => getExecution(ctx, engine, executionId) };
}

async function get<Body>(path: string): Promise<Body> {
  return (await account.send<Body>("GET", path)).body;
}

const costs = () => get<CostsView>("/api/analytics/costs");
const unpriced = async () => (await get<{ items: UnpricedModel[] }>("/api/pricing/unpriced")).items;

describe("a call that may be billed though no count of its tokens came back", () => {
  test("is unknown and not free: in the execution, its step, its attempt, analytics, and the list of what has no cost", async () => {
    answerWith(() => Response.json(WITHOUT_USAGE));
    const told: LiveEvent[] = [];
    await env.DB.prepare("INSERT OR REPLACE INTO live_watches (workspace_id, until) VALUES (?, ?)")
      .bind(account.workspaceId, Date.now() + 86_400_000)
      .run();
    const { executionId, read } = await run({ publish: (_, events) => told.push(...events) });
    const unknown = { costNanoUsd: null, costUsd: null };
    expect(await read()).toMatchObject({
      status: "succeeded",
      ...unknown,
      unpricedCalls: 1,
      inputTokens: 0,
      steps: [{ ...unknown, inputTokens: 0 }],
    });
    expect(await get(`/api/executions/${executionId}/attempts`)).toMatchObject({
      items: [{ status: "succeeded", usage: null, costNanoUsd: null }],
    });
    expect(await costs()).toMatchObject({
      totalCostNanoUsd: null,
      calls: 1,
      unpricedCalls: 1,
      byModel: [{ model: "gpt-4.1-mini-2025-04-14", calls: 1, unpricedCalls: 1, ...unknown }],
    });
    expect(await unpriced()).toMatchObject([{ model: "gpt-4.1-mini-2025-04-14", calls: 1, reason: "no_usage" }]);
    expect(told.filter(({ type }) => type === "cost")).toMatchObject([{ executionId, costNanoUsd: null }]);
  });

  test("is not made free by pricing what has no cost yet", async () => {
    answerWith(() => Response.json(WITHOUT_USAGE));
    const { read } = await run();
    const { body } = await account.send<Repriced>("POST", "/api/pricing/reprice", {});
    expect(body).toMatchObject({ calls: 0, costNanoUsd: 0, more: false });
    expect(await read()).toMatchObject({ costNanoUsd: null });
    expect(await unpriced()).toHaveLength(1);
  });

  test.each([
    ["a gateway's timeout", () => Response.json({ error: { message: "late" } }, { status: 504 }), 1],
    ["a lost connection", lostConnection, 1],
    ["a plain refusal, which is free", () => Response.json({ error: { message: "no" } }, { status: 500 }), 0],
    ["a rate limit, which is free", () => Response.json({ error: { message: "no" } }, { status: 429 }), 0],
  ])("%s", async (_, answer, counted) => {
    answerWith(answer);
    const { read } = await run();
    const { status, costNanoUsd, unpricedCalls } = await read();
    expect({ status, costNanoUsd, unpricedCalls }).toEqual({
      status: "failed",
      costNanoUsd: counted === 1 ? null : 0,
      unpricedCalls: counted,
    });
    expect(await costs()).toMatchObject({ calls: counted, unpricedCalls: counted });
    expect(await unpriced()).toHaveLength(counted);
  });

  test.each([
    ["answers late, is counted as what it cost", { text: "late" }, { cost: CALL, calls: 1 }],
    ["is refused late, turns out to be free", { status: 503 }, { cost: 0, calls: 0 }],
  ])("one given up for its latency that %s", async (_, late, { cost, calls }) => {
    const hold = Promise.withResolvers<void>();
    answerAsOpenAi(async () => {
      await hold.promise;
      return late;
    });
    const background: Promise<void>[] = [];
    const on = { error: true, rateLimit: true, timeout: true, statusCodes: [], latencyMs: 5 };
    const { executionId, read } = await run({ background: (work) => background.push(work) }, { enabled: false, on });
    expect(await read()).toMatchObject({ status: "failed", costNanoUsd: null, unpricedCalls: 1 });
    expect(await costs()).toMatchObject({ calls: 1, unpricedCalls: 1 });

    hold.resolve();
    await Promise.all(background);
    expect(await read()).toMatchObject({ costNanoUsd: cost, unpricedCalls: 0, steps: [{ costNanoUsd: cost }] });
    const after = await costs();
    expect(after).toMatchObject({ totalCostNanoUsd: cost, calls, unpricedCalls: 0 });
    expect(await get(`/api/executions/${executionId}/attempts`)).toMatchObject({ items: [{ errorKind: "latency" }] });
    await rebuildRollups(openDb(env.DB), account.workspaceId, { from: 0, to: Date.now() + 86_400_000 });
    expect(await costs()).toEqual(after);
  });
});
