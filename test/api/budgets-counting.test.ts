import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { WrittenBudget } from "../../src/costs/budget-inputs.ts";
import { spendExpired } from "../../src/costs/index.ts";
import { cancelExecution } from "../../src/executions/cancel-execution.ts";
import { type Engine, sweep } from "../../src/executions/index.ts";
import { LEASE_MS } from "../../src/executions/limits.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { budgetsOf, CALL, ONE_TRY, WORST } from "../worker/budgets.ts";
import { ctxWith, testClock, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

let account: Account;
const { budget, listed, numbersOf, read, reservations, seen, start, startAgain } = budgetsOf(() => account);
beforeAll(async () => {
  account = await signUp();
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const { id } of await listed(account)) await account.send("DELETE", `/api/budgets/${id}`);
});

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
