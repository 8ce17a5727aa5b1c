import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { WrittenBudget } from "../../src/costs/budget-inputs.ts";
import type { LiveEvent } from "../../src/executions/live-events.ts";
import { type Account, joinAs, signUp } from "../worker/accounts.ts";
import { budgetsOf, CALL, ONE_TRY, usd, WORST } from "../worker/budgets.ts";
import { testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

const DAY_MS = 86_400_000;

let account: Account;
const { attempts, budget, events, listed, numbersOf, read, reservations, seen, start, startAgain } = budgetsOf(
  () => account,
);
beforeAll(async () => {
  account = await signUp();
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const { id } of await listed(account)) await account.send("DELETE", `/api/budgets/${id}`);
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
