import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { WrittenBudget } from "../../src/costs/budget-inputs.ts";
import { spendExpired } from "../../src/costs/index.ts";
import { cancelExecution } from "../../src/executions/cancel-execution.ts";
import { type Engine, startExecution, sweep } from "../../src/executions/index.ts";
import { LEASE_MS } from "../../src/executions/limits.ts";
import type { LiveEvent } from "../../src/executions/live-events.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { type Account, joinAs, signUp } from "../worker/accounts.ts";
import { ctxWith, type TestEngine, testClock, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

/** gpt-4.1-mini: 0.40 and 1.60 USD per million tokens, so that 10 tokens in and 5 out are 4,000 + 8,000 nano-USD. */
const CALL = 12_000;
/** Of the prompt's bytes as input tokens and 100 output tokens: roughly. Every test's calls ask for less than this. */
const WORST = 300_000;
const DAY_MS = 86_400_000;

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const { id } of await listed(account)) await account.send("DELETE", `/api/budgets/${id}`);
});

const usd = (nanoUsd: number) => (nanoUsd / 1e9).toFixed(9);

async function budget(over: object = {}): Promise<WrittenBudget> {
  const body = { period: "day", limitUsd: usd(10 * WORST), action: "block", ...over };
  const { status, body: made } = await account.send<WrittenBudget>("POST", "/api/budgets", body);
  if (status !== 201) throw new Error(`creating a budget answered ${status}: ${JSON.stringify(made)}`);
  return made;
}

async function listed(who: Account): Promise<WrittenBudget[]> {
  return (await who.send<{ items: WrittenBudget[] }>("GET", "/api/budgets?limit=200")).body.items;
}

async function seen(id: string): Promise<WrittenBudget> {
  const found = (await listed(account)).find((each) => each.id === id);
  if (!found) throw new Error(`budget ${id} is not listed`);
  return found;
}

const numbersOf = async (id: string) => {
  const { spentNanoUsd, reservedNanoUsd } = await seen(id);
  return { spentNanoUsd, reservedNanoUsd };
};

async function reservations(executionId: string) {
  const { results } = await env.DB.prepare(
    "SELECT amount_nano_usd AS amount, lost FROM budget_reservations WHERE execution_id = ?",
  )
    .bind(executionId)
    .all<{ amount: number; lost: number }>();
  return results;
}

type Options = Parameters<typeof createWorkflow>[2];
const ONE_TRY = { settings: { stepRetries: 0 }, agents: { a: { fallback: { enabled: false } } } };

async function start(engine: TestEngine, options: Options = ONE_TRY, edges: readonly string[] = ["a"]) {
  const workflowId = await createWorkflow(account, edges, options);
  return { workflowId, executionId: await startAgain(engine, workflowId) };
}

async function startAgain(engine: TestEngine, workflowId: string): Promise<string> {
  const trigger = { type: "manual", id: null } as const;
  return (await startExecution(ctxWith(account, engine), engine, { workflowId, input: "go", trigger })).executionId;
}

const read = (engine: TestEngine, executionId: string) => getExecution(ctxWith(account, engine), engine, executionId);

async function attempts(executionId: string) {
  const path = `/api/executions/${executionId}/attempts`;
  return (await account.send<{ items: Record<string, unknown>[] }>("GET", path)).body.items;
}

async function events(type: string) {
  const { items } = (
    await account.send<{ items: { message: string; data: Record<string, unknown> }[] }>(
      "GET",
      `/api/events?type=${type}&limit=200`,
    )
  ).body;
  return items;
}

describe("what a budget counts", () => {
  test("a call is reserved at its worst case while it runs, and counted at its cost after", async () => {
    const { id } = await budget();
    const under = Promise.withResolvers<void>();
    const hold = Promise.withResolvers<void>();
    answerAsOpenAi(async () => {
      under.resolve();
      await hold.promise;
      return { text: "ok" };
    });
    const engine = testEngine();
    const { executionId } = await start(engine);
    const run = engine.drain();
    await under.promise;
    const during = await numbersOf(id);
    expect(during.spentNanoUsd).toBe(0);
    // 100 output tokens at 1.60 USD are 160,000, and the request is over a hundred bytes.
    expect(during.reservedNanoUsd).toBeGreaterThan(200_000);
    expect(during.reservedNanoUsd).toBeLessThan(WORST);
    hold.resolve();
    await run;
    expect(await numbersOf(id)).toEqual({ spentNanoUsd: CALL, reservedNanoUsd: 0 });
    expect(await reservations(executionId)).toEqual([]);
  });

  test("a budget made in mid-period begins with what was spent in it, and with calls under way once they end", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const { workflowId } = await start(engine);
    await engine.drain();
    const before = (await budget()).spentNanoUsd;
    expect(before).toBeGreaterThanOrEqual(CALL);
    const own = await budget({ workflowId });
    expect(own).toMatchObject({ scope: "workflow", spentNanoUsd: CALL, reservedNanoUsd: 0 });
    expect(own.remainingNanoUsd).toBe(10 * WORST - CALL);
    await startAgain(engine, workflowId);
    await engine.drain();
    expect((await seen(own.id)).spentNanoUsd).toBe(2 * CALL);
  });

  test("a workflow's budget counts its own calls only", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const mine = await createWorkflow(account, ["a"], ONE_TRY);
    const { id } = await budget({ workflowId: mine });
    await start(engine);
    await startAgain(engine, mine);
    await engine.drain();
    expect(await numbersOf(id)).toEqual({ spentNanoUsd: CALL, reservedNanoUsd: 0 });
  });

  test("a provider's refusal gives the reservation back", async () => {
    const { id, spentNanoUsd } = await budget();
    answerAsOpenAi(() => ({ status: 400 }));
    const engine = testEngine();
    const { executionId } = await start(engine);
    await engine.drain();
    expect((await read(engine, executionId)).status).toBe("failed");
    expect(await numbersOf(id)).toEqual({ spentNanoUsd, reservedNanoUsd: 0 });
    expect(await reservations(executionId)).toEqual([]);
  });

  test("a call whose connection breaks after sending is spent at its reservation", async () => {
    const { id, spentNanoUsd } = await budget();
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
      throw new Error("connection lost");
    });
    const engine = testEngine();
    const { executionId } = await start(engine);
    await engine.drain();
    const [row, ...others] = await reservations(executionId);
    expect(others).toEqual([]);
    expect(row?.lost).toBe(1);
    expect(await numbersOf(id)).toEqual({ spentNanoUsd: spentNanoUsd + (row?.amount ?? 0), reservedNanoUsd: 0 });
  });

  test("a call that was given up for its latency is spent at its reservation, and corrected when its cost comes late", async () => {
    const { id, spentNanoUsd } = await budget();
    const hold = Promise.withResolvers<void>();
    answerAsOpenAi(async () => {
      await hold.promise;
      return { text: "late" };
    });
    const background: Promise<void>[] = [];
    const engine = testEngine({ background: (work) => background.push(work) });
    const on = { error: true, rateLimit: true, timeout: true, statusCodes: [], latencyMs: 5 };
    const { executionId } = await start(engine, {
      settings: { stepRetries: 0 },
      agents: { a: { fallback: { enabled: false, on } } },
    });
    await engine.drain();
    const [row] = await reservations(executionId);
    expect(row?.lost).toBe(1);
    expect(await numbersOf(id)).toEqual({ spentNanoUsd: spentNanoUsd + (row?.amount ?? 0), reservedNanoUsd: 0 });
    hold.resolve();
    await Promise.all(background);
    expect(await numbersOf(id)).toEqual({ spentNanoUsd: spentNanoUsd + CALL, reservedNanoUsd: 0 });
    expect(await reservations(executionId)).toEqual([]);
  });

  test("a call settled after its period has ended counts in the period in which it was made", async () => {
    const clock = testClock(Date.parse("2031-05-04T23:59:50Z"));
    const { id } = await budget();
    answerAsOpenAi(() => {
      clock.advance(60_000);
      return { text: "ok" };
    });
    const engine = testEngine({ every: () => () => undefined }, clock);
    await start(engine);
    await engine.drain();
    const { results } = await env.DB.prepare(
      "SELECT period_start AS start, spent_nano_usd AS spent FROM budget_periods WHERE budget_id = ? AND period_start > ? ORDER BY 1",
    )
      .bind(id, Date.parse("2031-01-01"))
      .all();
    expect(results).toEqual([{ start: Date.parse("2031-05-04"), spent: CALL }]);
  });

  test("another zone and another period reckon the running period anew, lost calls among it", async () => {
    const made = await budget();
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
      throw new Error("connection lost");
    });
    const engine = testEngine();
    await start(engine);
    await engine.drain();
    const before = await seen(made.id);
    expect(before.spentNanoUsd).toBeGreaterThan(0);
    const { body } = await account.send<WrittenBudget>("PUT", `/api/budgets/${made.id}`, {
      period: "month",
      timezone: "Asia/Kathmandu",
    });
    expect(body).toMatchObject({ spentNanoUsd: before.spentNanoUsd, reservedNanoUsd: 0, timezone: "Asia/Kathmandu" });
    expect(body.periodStart).toMatch(/T18:15:00\.000Z$/);
  });
});

describe("crashes and redeliveries", () => {
  test("a worker that dies between reserving and settling leaves a reservation that expires as spent, once", async () => {
    const { id, spentNanoUsd } = await budget();
    answerAsOpenAi(() => ({ text: "ok" }));
    const crashing: Partial<Engine> = { complete: () => Promise.reject(new Error("the isolate is gone")) };
    const engine = testEngine(crashing);
    const { executionId } = await start(engine);
    for (const { message } of engine.sent.splice(0)) await engine.deliver(message);
    const [row] = await reservations(executionId);
    expect(row?.lost).toBe(0);
    const amount = row?.amount ?? 0;
    expect(await numbersOf(id)).toEqual({ spentNanoUsd, reservedNanoUsd: amount });

    await spendExpired(engine.db, engine.clock.now(), 100);
    expect((await numbersOf(id)).reservedNanoUsd).toBe(amount);
    const later = engine.clock.now() + 20 * 60_000;
    await Promise.all([spendExpired(engine.db, later, 100), spendExpired(engine.db, later, 100)]);
    expect(await numbersOf(id)).toEqual({ spentNanoUsd: spentNanoUsd + amount, reservedNanoUsd: 0 });

    const healthy = testEngine({}, engine.clock);
    engine.clock.advance(LEASE_MS + 1);
    await sweep(healthy);
    await healthy.drain();
    expect((await read(healthy, executionId)).status).toBe("succeeded");
    // Twice claimed, twice asked: the first call may have been billed too.
    expect(await numbersOf(id)).toEqual({ spentNanoUsd: spentNanoUsd + amount + CALL, reservedNanoUsd: 0 });
  });

  test("a message that comes five times at once is reserved and charged once", async () => {
    const { id, spentNanoUsd } = await budget();
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    await start(engine);
    const [sent] = engine.sent.splice(0);
    if (!sent) throw new Error("no message was sent");
    await Promise.all(Array.from({ length: 5 }, () => engine.deliver(sent.message)));
    await engine.deliver(sent.message);
    expect(await numbersOf(id)).toEqual({ spentNanoUsd: spentNanoUsd + CALL, reservedNanoUsd: 0 });
  });

  test("an execution that is cancelled before its call is sent gives its reservation back", async () => {
    const { id, spentNanoUsd } = await budget();
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    let beat: (() => Promise<void>) | undefined;
    const engine = testEngine({
      every: (_, callback) => {
        beat = callback;
        return () => undefined;
      },
    });
    const { executionId } = await start(engine);
    const { permit } = engine.breakers;
    engine.breakers = {
      ...engine.breakers,
      permit: async (key) => {
        await cancelExecution(ctxWith(account, engine), engine, executionId);
        await beat?.();
        return permit(key);
      },
    };
    await engine.drain();
    expect(calls).toHaveLength(0);
    expect(await numbersOf(id)).toEqual({ spentNanoUsd, reservedNanoUsd: 0 });
  });
});

describe("what a budget refuses", () => {
  test("a blocking budget refuses a call before it is sent, says so, and does not try again", async () => {
    const { id } = await budget({ limitUsd: "0.0001" });
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const { executionId } = await start(engine, {});
    await engine.drain();
    expect(calls).toHaveLength(0);
    const { status, steps, costNanoUsd } = await read(engine, executionId);
    expect({ status, costNanoUsd }).toEqual({ status: "failed", costNanoUsd: 0 });
    expect(steps[0]?.error?.code).toBe("budget");
    expect(steps[0]?.error?.message).toContain(`PUT /api/budgets/${id}`);
    const made = await attempts(executionId);
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({
      errorKind: "budget",
      status: "failed",
      httpStatus: null,
      usage: null,
      costNanoUsd: null,
    });
    expect(made[0]?.reason).toMatch(/limit 0\.0001 USD, spent [\d.]+, reserved 0\.00, .*resets at \d{4}-/);
    expect(await reservations(executionId)).toEqual([]);
    await engine.tellAlerts();
    expect((await events("budget_refused")).filter(({ data }) => data.budgetId === id)).toHaveLength(1);
  });

  test("a budget that alerts counts and lets through, past its limit too", async () => {
    const { id, spentNanoUsd } = await budget({ limitUsd: "0.000000001", action: "alert" });
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const { executionId } = await start(engine);
    await engine.drain();
    expect((await read(engine, executionId)).status).toBe("succeeded");
    expect(await seen(id)).toMatchObject({
      spentNanoUsd: spentNanoUsd + CALL,
      reservedNanoUsd: 0,
      remainingNanoUsd: 0,
    });
  });

  test("what one of two budgets refuses is reserved in neither", async () => {
    const wide = await budget({ limitUsd: "100" });
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const workflowId = await createWorkflow(account, ["a"], ONE_TRY);
    const narrow = await budget({ workflowId, limitUsd: "0.0001" });
    await startAgain(engine, workflowId);
    await engine.drain();
    expect(calls).toHaveLength(0);
    expect(await numbersOf(wide.id)).toEqual({ spentNanoUsd: wide.spentNanoUsd, reservedNanoUsd: 0 });
    expect(await numbersOf(narrow.id)).toEqual({ spentNanoUsd: 0, reservedNanoUsd: 0 });
  });

  test("a raised limit lets the next call through at once, a lowered one refuses it", async () => {
    const { id } = await budget({ limitUsd: "0.0001" });
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const { workflowId, executionId } = await start(engine);
    await engine.drain();
    expect((await read(engine, executionId)).status).toBe("failed");
    await account.send("PUT", `/api/budgets/${id}`, { limitUsd: 1 });
    const second = await startAgain(engine, workflowId);
    await engine.drain();
    expect((await read(engine, second)).status).toBe("succeeded");
    await account.send("PUT", `/api/budgets/${id}`, { limitUsd: "0.0001" });
    const third = await startAgain(engine, workflowId);
    await engine.drain();
    expect((await read(engine, third)).steps[0]?.error?.code).toBe("budget");
  });

  test("a model without a price is refused by a blocking budget and let through by one that alerts", async () => {
    const { id } = await budget();
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const options = {
      settings: { stepRetries: 0 },
      agents: { a: { model: "nobody-knows-1", fallback: { enabled: false } } },
    };
    const { workflowId, executionId } = await start(engine, options);
    await engine.drain();
    const { steps } = await read(engine, executionId);
    expect(steps[0]?.error).toMatchObject({ code: "unpriced" });
    expect(steps[0]?.error?.message).toContain("PUT /api/pricing");
    expect(calls).toHaveLength(0);
    await account.send("PUT", `/api/budgets/${id}`, { action: "alert" });
    const second = await startAgain(engine, workflowId);
    await engine.drain();
    expect((await read(engine, second)).status).toBe("succeeded");
  });

  test("a model that answers under a name without a price is spent at its reservation until it has one", async () => {
    const { id, spentNanoUsd } = await budget();
    vi.spyOn(globalThis, "fetch").mockImplementation(async () =>
      Response.json({
        id: "c",
        model: "renamed-model",
        choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "ok" } }],
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      }),
    );
    const engine = testEngine();
    const { executionId } = await start(engine);
    await engine.drain();
    const [row] = await reservations(executionId);
    expect(await numbersOf(id)).toEqual({ spentNanoUsd: spentNanoUsd + (row?.amount ?? 0), reservedNanoUsd: 0 });
    await env.DB.prepare("UPDATE execution_costs SET cost_nano_usd = 777 WHERE execution_id = ?")
      .bind(executionId)
      .run();
    expect(await numbersOf(id)).toEqual({ spentNanoUsd: spentNanoUsd + 777, reservedNanoUsd: 0 });
  });

  test("a hundred executions at once do not pass the limit together", async () => {
    const engine = testEngine();
    const workflowId = await createWorkflow(account, ["a"], ONE_TRY);
    // Worst cases that fit many times over one after another, and a few times at once.
    const { id } = await budget({ workflowId, limitUsd: usd(5 * WORST) });
    answerAsOpenAi(() => ({ text: "ok", inputTokens: 100, outputTokens: 90 }));
    await Promise.all(Array.from({ length: 100 }, () => startAgain(engine, workflowId)));
    const messages = engine.sent.splice(0).map(({ message }) => message);
    await Promise.all(messages.map((message) => engine.deliver(message)));
    await engine.drain();
    const { results } = await env.DB.prepare(
      `SELECT e.status, count(*) AS n, sum(e.cost_nano_usd) AS cost FROM executions e WHERE e.workspace_id = ? AND e.workflow_id = ? GROUP BY 1`,
    )
      .bind(account.workspaceId, workflowId)
      .all<{ status: string; n: number; cost: number }>();
    const counts = Object.fromEntries(results.map(({ status, n }) => [status, n]));
    expect((counts.succeeded ?? 0) + (counts.failed ?? 0)).toBe(100);
    expect(counts.succeeded).toBeGreaterThan(0);
    expect(counts.failed).toBeGreaterThan(0);
    const ledger = results.reduce((sum, { cost }) => sum + cost, 0);
    expect(ledger).toBeLessThanOrEqual(5 * WORST);
    expect(await numbersOf(id)).toEqual({ spentNanoUsd: ledger, reservedNanoUsd: 0 });
  }, 30_000);
});

describe("what watchers are told", () => {
  test("each settled call with its cost", async () => {
    await env.DB.prepare("INSERT OR REPLACE INTO live_watches (workspace_id, until) VALUES (?, ?)")
      .bind(account.workspaceId, Date.now() + DAY_MS)
      .run();
    const told: LiveEvent[] = [];
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine({ publish: (_, batch) => told.push(...batch) });
    const { executionId, workflowId } = await start(engine, {}, ["a>b"]);
    await engine.drain();
    const costs = told.filter(({ type }) => type === "cost");
    const call = {
      type: "cost",
      executionId,
      workflowId,
      provider: "openai",
      model: "gpt-4.1-mini",
      costNanoUsd: CALL,
    };
    expect(costs).toEqual([
      { ...call, nodeId: "a", at: expect.any(String) },
      { ...call, nodeId: "b", at: expect.any(String) },
    ]);
  });
});

describe("the API of budgets", () => {
  test("viewers and editors read budgets and change none; nobody sees another workspace's", async () => {
    const webhookUrl = "https://hooks.swarm-alerts.com/budgets?token=t";
    const { id } = await budget({ webhookUrl });
    expect(await seen(id)).toMatchObject({ webhookUrl });
    for (const role of ["viewer", "editor"] as const) {
      const member = await joinAs(account, role);
      const shown = (await listed(member)).find((each) => each.id === id);
      expect(shown).toMatchObject({ id, webhookUrl: "https://hooks.swarm-alerts.com" });
      expect((await member.send("POST", "/api/budgets", { nonsense: true })).status).toBe(403);
      expect((await member.send("PUT", `/api/budgets/${id}`, { limitUsd: 1 })).status).toBe(403);
      expect((await member.send("DELETE", `/api/budgets/${id}`)).status).toBe(403);
    }
    const other = await signUp();
    expect(await listed(other)).toEqual([]);
    expect((await other.send("PUT", `/api/budgets/${id}`, { limitUsd: 1 })).status).toBe(404);
    expect((await other.send("DELETE", `/api/budgets/${id}`)).status).toBe(404);
    const workflowId = await createWorkflow(account, ["a"]);
    expect((await other.send("POST", "/api/budgets", { period: "day", limitUsd: 1, workflowId })).status).toBe(404);
    expect((await listed(account)).map((each) => each.id)).toContain(id);
  });

  test.each([
    ["a limit of nothing", { limitUsd: "0" }, "limitUsd"],
    ["a negative limit", { limitUsd: -1 }, "limitUsd"],
    ["a limit below a nano-dollar", { limitUsd: "0.0000000001" }, "limitUsd"],
    ["a limit that is no number", { limitUsd: "ten" }, "limitUsd"],
    ["a limit beyond the bound", { limitUsd: 1_000_001 }, "limitUsd"],
    ["a zone that does not exist", { timezone: "Mars/Olympus" }, "timezone"],
    ["an alert at nothing", { alertAt: [0] }, "alertAt[0]"],
    ["an alert past the limit", { alertAt: [50, 101] }, "alertAt[1]"],
    ["an alert at half a per cent", { alertAt: [0.5] }, "alertAt[0]"],
    ["a period of a year", { period: "year" }, "period"],
    ["an action of its own", { action: "shout" }, "action"],
    ["a scope without its workflow", { scope: "workflow" }, "workflowId"],
    ["a workflow without its scope", { scope: "workspace", workflowId: "w" }, "workflowId"],
    ["a webhook over http", { webhookUrl: "http://hooks.swarm-alerts.com/x" }, "webhookUrl"],
    ["a webhook into the private network", { webhookUrl: "https://10.0.0.1/x" }, "webhookUrl"],
    ["a webhook to the machine itself", { webhookUrl: "http://localhost:9/x" }, "webhookUrl"],
  ])("%s is refused with its path", async (_, over, path) => {
    const body = { period: "day", limitUsd: "1", ...over };
    const answer = await account.send<{ error: { details: { path: string }[] } }>("POST", "/api/budgets", body);
    expect(answer.status).toBe(422);
    expect(answer.body.error.details.map((each) => each.path)).toContain(path);
  });

  test("a change merges, and what was read may be sent back", async () => {
    const made = await budget({ limitUsd: "12.345678901", alertAt: [100, 50, 50] });
    expect(made).toMatchObject({
      limitUsd: "12.345678901",
      limitNanoUsd: 12_345_678_901,
      alertAt: [50, 100],
      timezone: "UTC",
    });
    const put = (body: object) => account.send<WrittenBudget>("PUT", `/api/budgets/${made.id}`, body);
    expect((await put({ action: "alert" })).body).toMatchObject({
      action: "alert",
      limitUsd: "12.345678901",
      alertAt: [50, 100],
    });
    const again = await put({ ...(await seen(made.id)) });
    expect(again.status).toBe(200);
    expect(again.body.limitNanoUsd).toBe(12_345_678_901);
    const slip = await account.send<{ error: { message: string } }>("PUT", `/api/budgets/${made.id}`, { limitUSD: 1 });
    expect(slip.status).toBe(422);
    expect((await put({ limitUsd: 1e-7 })).body.limitNanoUsd).toBe(100);
  });

  test("a deleted workflow takes its budgets along", async () => {
    const workflowId = await createWorkflow(account, ["a"]);
    const { id } = await budget({ workflowId });
    expect((await account.send("DELETE", `/api/workflows/${workflowId}`)).status).toBe(204);
    expect((await listed(account)).map((each) => each.id)).not.toContain(id);
    expect((await account.send("DELETE", `/api/budgets/${id}`)).status).toBe(404);
  });
});
