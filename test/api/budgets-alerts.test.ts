import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { WrittenBudget } from "../../src/costs/budget-inputs.ts";
import { type CallKey, reserveBudgets, tellBudgetAlerts } from "../../src/costs/index.ts";
import { MAX_WEBHOOK_ATTEMPTS } from "../../src/costs/send-alerts.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { testClock, testEngine } from "../worker/engine.ts";
import { ended, execute } from "../worker/executions.ts";
import { watch } from "../worker/live.ts";
import { spendingOf } from "../worker/spending.ts";
import { createWorkflow } from "../worker/workflows.ts";

const HOOK = "https://hooks.swarm-alerts.com/budgets?team=7";
let account: Account;
let workflowId: string;
beforeAll(async () => {
  account = await signUp();
  workflowId = await createWorkflow(account, ["a"]);
});
beforeEach(async () => {
  await env.DB.batch([
    env.DB.prepare("DELETE FROM budgets"),
    env.DB.prepare("DELETE FROM execution_costs"),
    env.DB.prepare("DELETE FROM budget_reservations"),
    env.DB.prepare("DELETE FROM events"),
  ]);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const { budget, budgetsApplying, entry, reservation } = spendingOf(
  () => account,
  () => workflowId,
);

let calls = 0;
/** Some money spent at a time. */
async function spend(costNanoUsd: number, at = Date.now()): Promise<CallKey> {
  calls += 1;
  const key = { workspaceId: account.workspaceId, executionId: `e${calls}`, nodeId: "a", fence: 1, attempt: 1 };
  await entry(key, at, costNanoUsd).run();
  return key;
}

interface Told {
  level: string;
  message: string;
  data: { threshold: number; spentNanoUsd: number };
}

async function alerts(): Promise<Told[]> {
  const { items } = (await account.send<{ items: Told[] }>("GET", "/api/events?type=budget_alert&limit=200")).body;
  return items;
}

const thresholds = async () => (await alerts()).map(({ data }) => data.threshold).toSorted((a, b) => a - b);

/** Stands in for whoever takes the webhooks. */
function receiver(answer: (count: number) => Response) {
  const taken: { url: string; body: string; headers: Record<string, string>; redirect: string }[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const headers = Object.fromEntries(request.headers);
    taken.push({ url: request.url, body: await request.text(), headers, redirect: init?.redirect ?? "follow" });
    return answer(taken.length);
  });
  return taken;
}

describe("alerts", () => {
  test("each threshold is told once a period, however often and by however many it is noticed", async () => {
    await budget();
    const engine = testEngine();
    const first = await spend(49);
    await engine.tellAlerts();
    expect(await thresholds()).toEqual([]);
    await spend(1);
    await Promise.all([engine.tellAlerts(), engine.tellAlerts(), engine.tellAlerts()]);
    expect(await thresholds()).toEqual([50]);
    await entry(first, Date.now(), 49).run();
    await spend(30);
    await engine.tellAlerts();
    await spend(5);
    await engine.tellAlerts();
    expect(await thresholds()).toEqual([50, 80]);
    await spend(500);
    await engine.tellAlerts();
    expect(await thresholds()).toEqual([50, 80, 100]);
    const last = (await alerts()).find(({ data }) => data.threshold === 100);
    expect(last).toMatchObject({ level: "error", data: { threshold: 100, spentNanoUsd: 585 } });
    expect(last?.message).toContain("PUT /api/budgets/");
  });

  test("one call that passes several thresholds tells of each, and the next period tells anew", async () => {
    await budget();
    const clock = testClock();
    const engine = testEngine({}, clock);
    await spend(90);
    await engine.tellAlerts();
    expect(await thresholds()).toEqual([50, 80]);
    clock.advance(86_400_000);
    // The first call of a period begins it.
    const budgets = await budgetsApplying();
    const key = { workspaceId: account.workspaceId, executionId: "next", nodeId: "a", fence: 1, attempt: 1 };
    await reserveBudgets(engine, reservation(key, clock.now(), 10, budgets));
    await spend(60, clock.now());
    await engine.tellAlerts();
    expect(await thresholds()).toEqual([50, 50, 80]);
  });

  test("a budget that is overdrawn when it is made, and one that is lowered below what is spent, tell of it", async () => {
    await spend(70);
    const { id } = await budget({ limitUsd: "0.00000012" });
    const engine = testEngine();
    await engine.tellAlerts();
    expect(await thresholds()).toEqual([50]);
    await account.send("PUT", `/api/budgets/${id}`, { limitUsd: "0.00000007" });
    await engine.tellAlerts();
    expect(await thresholds()).toEqual([50, 80, 100]);
  });

  test("a raised limit makes the thresholds news again that are not reached under it", async () => {
    const { id } = await budget();
    const engine = testEngine();
    await spend(85);
    await engine.tellAlerts();
    expect(await thresholds()).toEqual([50, 80]);
    await account.send("PUT", `/api/budgets/${id}`, { limitUsd: "0.00000016" });
    await engine.tellAlerts();
    expect(await thresholds()).toEqual([50, 80]);
    await spend(75);
    await engine.tellAlerts();
    // 85 of 160 were over a half throughout: that is no news.
    expect(await thresholds()).toEqual([50, 80, 80, 100]);
  });

  test("a refusal is told, shown to watchers and posted once a limit, and again under another one", async () => {
    const taken = receiver(() => new Response(null, { status: 204 }));
    const { id } = await budget({ action: "block", alertAt: [], webhookUrl: HOOK });
    const told: object[] = [];
    const engine = testEngine({}, testClock(Date.now() + 10));
    const ports = { ...engine, publish: (_: string, events: readonly object[]) => told.push(...events) };
    const settings = { ENCRYPTION_KEY: env.ENCRYPTION_KEY, ALLOW_LOCAL_PROVIDERS: false };
    const refused = async (attempt: number) => {
      const key = { workspaceId: account.workspaceId, executionId: "dear", nodeId: "a", fence: 1, attempt };
      expect(await reserveBudgets(engine, reservation(key, Date.now(), 1_000, await budgetsApplying()))).not.toBeNull();
      await tellBudgetAlerts({ ...ports, settings });
    };
    await refused(1);
    await refused(2);
    const { items } = (await account.send<{ items: object[] }>("GET", "/api/events?type=budget_refused")).body;
    expect(items).toMatchObject([{ data: { budgetId: id, errorKind: "budget", executionId: "dear" } }]);
    expect(told).toMatchObject([{ type: "budget", state: "refused", budgetId: id, threshold: null }]);
    expect(taken.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: "budget.refused", data: { budgetId: id, refusal: { kind: "budget", executionId: "dear" } } },
    ]);
    await account.send("PUT", `/api/budgets/${id}`, { limitUsd: "0.0000002" });
    await refused(3);
    expect(taken).toHaveLength(2);
    const after = (await account.send<{ items: object[] }>("GET", "/api/events?type=budget_refused")).body.items;
    expect(after).toHaveLength(2);
  });

  test("a missing price is told, shown and posted once a model and limit, and again under another one", async () => {
    const taken = receiver(() => new Response(null, { status: 204 }));
    const { id } = await budget({ action: "block", alertAt: [], webhookUrl: HOOK });
    const told: object[] = [];
    const engine = testEngine({}, testClock(Date.now() + 10));
    const ports = { ...engine, publish: (_: string, events: readonly object[]) => told.push(...events) };
    const settings = { ENCRYPTION_KEY: env.ENCRYPTION_KEY, ALLOW_LOCAL_PROVIDERS: false };
    const refused = async (attempt: number, model: string) => {
      const key = { workspaceId: account.workspaceId, executionId: "odd", nodeId: "a", fence: 1, attempt };
      const call = { ...reservation(key, Date.now(), 0, await budgetsApplying()), model, amountNanoUsd: null };
      expect(await reserveBudgets(engine, call)).toMatchObject({ kind: "unpriced", passes: false });
      await tellBudgetAlerts({ ...ports, settings });
    };
    const events = async () =>
      (await account.send<{ items: object[] }>("GET", "/api/events?type=budget_refused")).body.items;
    await refused(1, "odd-1");
    await refused(2, "odd-1");
    expect(told).toMatchObject([{ type: "budget", state: "refused", budgetId: id, threshold: null }]);
    await refused(3, "odd-2");
    const data = { budgetId: id, errorKind: "unpriced", provider: "openai", executionId: "odd" };
    // Both are of one millisecond: either may come first.
    const kept = await events();
    expect(kept).toHaveLength(2);
    for (const model of ["odd-1", "odd-2"]) {
      expect(kept).toContainEqual(expect.objectContaining({ data: expect.objectContaining({ ...data, model }) }));
    }
    expect(taken.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: "budget.refused", data: { budgetId: id, refusal: { kind: "unpriced", model: "odd-1" } } },
      { type: "budget.refused", data: { budgetId: id, refusal: { kind: "unpriced", model: "odd-2" } } },
    ]);
    await account.send("PUT", `/api/budgets/${id}`, { limitUsd: "0.0000002" });
    await refused(4, "odd-1");
    expect(taken).toHaveLength(3);
    expect(await events()).toHaveLength(3);
  });

  test("a step that moves a budget past a threshold tells of it by itself, to watchers too", async () => {
    const { id } = await budget({ limitUsd: "0.00001" });
    vi.spyOn(globalThis, "fetch").mockImplementation(async () =>
      Response.json({
        ...{ id: "c", model: "gpt-4.1-mini" },
        choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "ok" } }],
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      }),
    );
    const watcher = await watch(account);
    await ended(account, await execute(account, workflowId));
    const told = () => watcher.events.filter(({ type, budgetId }) => type === "budget" && budgetId === id);
    await vi.waitFor(() => expect(told()).toHaveLength(3), { timeout: 4_000, interval: 20 });
    expect(told()[2]).toMatchObject({ budgetId: id, threshold: 100, spentNanoUsd: 12_000, limitNanoUsd: 10_000 });
    expect(watcher.events).toContainEqual(expect.objectContaining({ type: "cost", costNanoUsd: 12_000 }));
    expect(await thresholds()).toEqual([50, 80, 100]);
    watcher.socket.close();
  });
});

describe("webhooks out", () => {
  test("an alert is posted once, signed with the secret that was shown once and is sealed", async () => {
    const { id, webhookSecret = "" } = await budget({ webhookUrl: HOOK });
    expect(webhookSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { body } = await account.send<{ items: object[] }>("GET", "/api/budgets");
    expect(JSON.stringify(body)).not.toContain("whsec_");
    const row = await env.DB.prepare("SELECT webhook_secret AS secret FROM budgets WHERE id = ?")
      .bind(id)
      .first("secret");
    expect(String(row)).not.toContain(webhookSecret.slice(6));
    const taken = receiver(() => new Response(null, { status: 204 }));
    const engine = testEngine();
    await spend(55);
    await engine.tellAlerts();
    await engine.tellAlerts();
    expect(taken).toHaveLength(1);
    const [sent] = taken;
    expect(sent).toMatchObject({ url: HOOK, redirect: "manual" });
    const payload = new Webhook(webhookSecret).verify(sent?.body ?? "", sent?.headers ?? {});
    expect(payload).toMatchObject({
      type: "budget.alert",
      data: { budgetId: id, threshold: 50, spentNanoUsd: 55, spentUsd: "0.000000055" },
    });
    expect(() => new Webhook(webhookSecret).verify(`${sent?.body} `, sent?.headers ?? {})).toThrow();
  });

  test("one that is not taken is tried again, later each time, under one id, and given up in the end", async () => {
    await budget({ webhookUrl: HOOK, alertAt: [50] });
    const clock = testClock();
    const engine = testEngine({}, clock);
    const taken = receiver(
      (count) => new Response(null, { status: count % 2 === 0 ? 301 : 500, headers: { Location: HOOK } }),
    );
    await spend(55);
    await engine.tellAlerts();
    for (const [tries, minutes] of [1, 4, 16, 64, 256].entries()) {
      clock.advance(minutes * 60_000 - 1);
      await engine.tellAlerts();
      expect(taken).toHaveLength(tries + 1);
      clock.advance(1);
      await engine.tellAlerts();
      expect(taken).toHaveLength(tries + 2);
    }
    expect(taken).toHaveLength(MAX_WEBHOOK_ATTEMPTS);
    clock.advance(10 * 86_400_000);
    await engine.tellAlerts();
    expect(taken).toHaveLength(MAX_WEBHOOK_ATTEMPTS);
    expect(new Set(taken.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    const failed = (await alerts()).filter(({ message }) => message.includes("not delivered"));
    expect(failed).toHaveLength(1);
  });

  test("a budget whose webhook is taken away posts nothing, and a new address gets a new secret", async () => {
    const { id, webhookSecret } = await budget({ webhookUrl: HOOK, alertAt: [50] });
    const put = async (webhookUrl: string | null) =>
      (await account.send<WrittenBudget>("PUT", `/api/budgets/${id}`, { webhookUrl })).body;
    expect((await put(`${HOOK}&v=2`)).webhookSecret).toBeUndefined();
    const elsewhere = (await put("https://other.swarm-alerts.com/x")).webhookSecret;
    expect(elsewhere).toMatch(/^whsec_/);
    expect(elsewhere).not.toBe(webhookSecret);
    expect((await put(null)).webhookUrl).toBeNull();
    const taken = receiver(() => new Response());
    const engine = testEngine();
    await spend(55);
    await engine.tellAlerts();
    expect(taken).toEqual([]);
    const again = (await put(HOOK)).webhookSecret;
    expect(again).toMatch(/^whsec_/);
    expect(again).not.toBe(webhookSecret);
  });
});
