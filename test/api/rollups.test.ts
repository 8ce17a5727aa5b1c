import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { foldRollups, type LedgerEntry, rebuildRollups } from "../../src/costs/index.ts";
import { readCosts } from "../../src/costs/read-costs.ts";
import { readExpensiveWorkflows } from "../../src/costs/read-expensive-workflows.ts";
import { readTrends } from "../../src/costs/read-trends.ts";
import { openDb } from "../../src/db/client.ts";
import { startExecution } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import worker from "../../src/index.ts";
import { type Account, ctxOf, joinAs, signUp } from "../worker/accounts.ts";
import { ctxWith, testClock, testEngine } from "../worker/engine.ts";
import { call, endExecution, record } from "../worker/ledger.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (iso: string) => Date.parse(iso);
const iso = (time: number) => new Date(time).toISOString();
const ALL = { startDate: "1970-01-01", endDate: "2030-01-01", timezone: "UTC" };

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the ledger itself says of a range. */
async function ledger(workspaceId: string, from = 0, to = at("2030-01-02T00:00Z")) {
  return env.DB.prepare(
    `SELECT count(*) AS calls, count(*) - count(cost_nano_usd) AS unpricedCalls, coalesce(sum(cost_nano_usd), 0) AS cost,
       coalesce(sum(input_tokens), 0) AS inputTokens, coalesce(sum(output_tokens), 0) AS outputTokens
     FROM execution_costs WHERE workspace_id = ?1 AND at >= ?2 AND at < ?3`,
  )
    .bind(workspaceId, from, to)
    .first();
}

const reader = (workspaceId: string, now = at("2026-04-20T10:07:00Z")) =>
  ctxOf({ workspaceId, userId: null }, { clock: testClock(now) });

/** What analytics says, in the ledger's words. */
async function analytics(workspaceId: string, range: { startDate: string; endDate: string }) {
  const read = await readCosts(reader(workspaceId), { ...range, timezone: "UTC" });
  const { calls, unpricedCalls, inputTokens, outputTokens, totalCostNanoUsd } = read;
  return { calls, unpricedCalls, cost: totalCostNanoUsd ?? 0, inputTokens, outputTokens };
}

async function rows(workspaceId: string, level: string): Promise<number> {
  const statement = env.DB.prepare("SELECT count(*) AS n FROM cost_rollups WHERE workspace_id = ? AND level = ?");
  return Number(await statement.bind(workspaceId, level).first("n"));
}

const db = () => openDb(env.DB);

describe("the ledger and its rollups agree to the nano-dollar", () => {
  const FIRST = at("2026-01-30T00:00Z");
  const callArb = fc.record({
    // Six weeks that hold the ends of two months, in steps that miss quarters by a little.
    at: fc.integer({ min: 0, max: 42 * 96 * 3 }).map((third) => FIRST + third * 300_000 - 1),
    workflowId: fc.constantFrom("w1", "w2"),
    model: fc.constantFrom("gpt-x", "gpt-y"),
    costNanoUsd: fc.option(fc.integer({ min: 0, max: 9_000_000_000_000 })),
    inputTokens: fc.integer({ min: 0, max: 1_000_000 }),
  });
  type RandomCall = typeof callArb extends fc.Arbitrary<infer Made> ? Made : never;
  type Operation =
    | { kind: "call"; calls: RandomCall[] }
    | { kind: "again" }
    | { kind: "price" }
    | { kind: "rebuild" }
    | { kind: "fold"; day: number };
  const operationArb: fc.Arbitrary<Operation> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("call"), calls: fc.array(callArb, { maxLength: 8 }) }) },
    { weight: 2, arbitrary: fc.constantFrom<Operation>({ kind: "again" }, { kind: "price" }, { kind: "rebuild" }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("fold"), day: fc.integer({ min: 0, max: 50 }) }) },
  );

  test("whatever is written, redelivered, late, priced later, folded and rebuilt, in whatever order", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(operationArb, { minLength: 3, maxLength: 14 }),
        fc.integer({ min: 0, max: 42 * 96 }),
        fc.integer({ min: 1, max: 42 * 96 }),
        async (operations, first, length) => {
          run += 1;
          const workspaceId = `random-${run}`;
          const written: LedgerEntry[] = [];
          for (const operation of operations) {
            if (operation.kind === "call") {
              const calls = operation.calls.map(({ inputTokens, ...each }) =>
                call({ workspaceId, ...each, usage: { inputTokens } }),
              );
              written.push(...calls);
              await record(...calls);
            } else if (operation.kind === "again") {
              await record(...written.slice(-5));
            } else if (operation.kind === "price") {
              await env.DB.prepare(
                "UPDATE execution_costs SET cost_nano_usd = input_tokens * 3 WHERE workspace_id = ? AND cost_nano_usd IS NULL",
              )
                .bind(workspaceId)
                .run();
            } else if (operation.kind === "rebuild") {
              await rebuildRollups(db(), workspaceId, { from: FIRST + 3 * DAY, to: FIRST + 35 * DAY });
            } else if (operation.kind === "fold") {
              const now = FIRST + operation.day * DAY;
              await Promise.all([foldRollups(db(), now), foldRollups(db(), now)]);
            }
          }
          const from = FIRST + first * 900_000;
          const to = from + length * 900_000;
          expect(await analytics(workspaceId, { startDate: iso(from), endDate: iso(to) })).toEqual(
            await ledger(workspaceId, from, to),
          );
          expect(await analytics(workspaceId, ALL)).toEqual(await ledger(workspaceId));
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);

  test("after an execution whose messages all came twice, which its own total says too", async () => {
    const account = await signUp();
    const engine = testEngine();
    const model = answerAsOpenAi(() => ({ text: "done", inputTokens: 1_234, outputTokens: 567 }));
    const ctx = ctxWith(account, engine);
    const workflowId = await createWorkflow(account, ["a>b", "a>c", "b>d", "c>d"]);
    const trigger = { type: "manual", id: null } as const;
    const { executionId } = await startExecution(ctx, engine, { workflowId, input: null, trigger });
    for (let next = engine.sent.shift(); next; next = engine.sent.shift()) {
      await Promise.all([engine.deliver(next.message), engine.deliver(next.message)]);
      await engine.deliver(next.message);
    }
    expect(model.length).toBe(4);
    const execution = await getExecution(ctx, engine, executionId);
    const costs = await readCosts(ctx, { timezone: "UTC" });
    expect(execution.costNanoUsd).toBeGreaterThan(0);
    expect(costs).toMatchObject({
      totalCostNanoUsd: execution.costNanoUsd,
      calls: 4,
      inputTokens: 4 * 1_234,
      outputTokens: 4 * 567,
      executions: { succeeded: 1, failed: 0, cancelled: 0 },
      costPerSuccessfulExecution: { costNanoUsd: execution.costNanoUsd },
      today: { costNanoUsd: execution.costNanoUsd },
      allTime: { costNanoUsd: execution.costNanoUsd },
    });
    expect(await ledger(account.workspaceId)).toMatchObject({ cost: execution.costNanoUsd, calls: 4 });
  });
});

describe("folding", () => {
  const workspaceId = "folded";
  beforeAll(async () => {
    const times = [
      "2026-01-31T23:59:59.999Z",
      "2026-02-01T00:00:00Z",
      "2026-02-01T09:20:00Z",
      "2026-03-31T23:59:59.999Z",
    ];
    await record(...times.map((time) => call({ workspaceId, at: at(time) })));
  });

  test("waits until a day is over, and a month until its last day is folded", async () => {
    await foldRollups(db(), at("2026-02-01T00:59:59Z"));
    expect([await rows(workspaceId, "day"), await rows(workspaceId, "month")]).toEqual([0, 0]);
    await foldRollups(db(), at("2026-02-01T01:00:00Z"));
    expect([await rows(workspaceId, "day"), await rows(workspaceId, "month")]).toEqual([1, 1]);
    await foldRollups(db(), at("2026-03-01T01:00:00Z"));
    expect([await rows(workspaceId, "day"), await rows(workspaceId, "month")]).toEqual([2, 2]);
    await foldRollups(db(), at("2026-04-01T01:00:00Z"));
    expect([await rows(workspaceId, "day"), await rows(workspaceId, "month")]).toEqual([3, 3]);
    expect(await analytics(workspaceId, ALL)).toMatchObject({ calls: 4, cost: 400 });
  });

  test("a late call is counted before its day is folded again, and after", async () => {
    await record(call({ workspaceId, at: at("2026-02-01T12:00:00Z"), workflowId: "late", costNanoUsd: 7 }));
    expect(await analytics(workspaceId, ALL)).toMatchObject({ calls: 5, cost: 407 });
    await foldRollups(db(), at("2026-04-01T01:00:00Z"));
    expect(await rows(workspaceId, "month")).toBe(4);
    expect(await analytics(workspaceId, ALL)).toMatchObject({ calls: 5, cost: 407 });
  });

  test("is done by the cron, in every workspace", async () => {
    await record(call({ workspaceId: "one" }), call({ workspaceId: "two" }));
    await worker.scheduled(createScheduledController(), env, createExecutionContext());
    expect([await rows("one", "month"), await rows("two", "month")]).toEqual([1, 1]);
  });

  test("with nothing due asks the database twice", async () => {
    const idle = db();
    await foldRollups(idle, at("2026-04-01T01:00:00Z"));
    expect(idle.usage).toMatchObject({ queries: 2, rowsWritten: 0 });
  });
});

describe("rebuilding", () => {
  const workspaceId = "rebuilt";

  test("mends sums that were lost or spoiled, and leaves other workspaces and days alone", async () => {
    const times = ["2026-01-10T10:00Z", "2026-01-11T10:00Z", "2026-01-12T10:00Z", "2026-02-12T10:00Z"];
    await record(
      ...times.flatMap((time) => [call({ workspaceId, at: at(time) }), call({ workspaceId: "other", at: at(time) })]),
    );
    await foldRollups(db(), at("2026-04-01T01:00:00Z"));
    await env.DB.batch([
      env.DB.prepare("UPDATE cost_rollups SET cost_nano_usd = cost_nano_usd + 1"),
      env.DB.prepare("DELETE FROM cost_rollups WHERE workspace_id = ? AND bucket = ?").bind(
        workspaceId,
        at("2026-01-11T10:00Z"),
      ),
      env.DB.prepare(
        `INSERT INTO cost_rollups SELECT workspace_id, level, ?2, 'ghost', provider, model, agent_role, calls, unpriced_calls,
           cost_nano_usd, 0, 0, 0, 0, 0, 0 FROM cost_rollups WHERE workspace_id = ?1 AND level = 'quarter' LIMIT 1`,
      ).bind(workspaceId, at("2026-01-20T10:00Z")),
    ]);
    expect(
      await rebuildRollups(db(), workspaceId, { from: at("2026-01-01T00:00Z"), to: at("2026-02-01T00:00Z") }),
      // Four days with calls, and the day with which the folded month begins.
    ).toEqual({ days: 5, next: null });
    const january = { startDate: "2026-01-01", endDate: "2026-01-31" };
    expect(await analytics(workspaceId, january)).toMatchObject({ calls: 3, cost: 300 });
    await foldRollups(db(), at("2026-04-01T01:00:00Z"));
    expect(await analytics(workspaceId, january)).toMatchObject({ calls: 3, cost: 300 });
    expect(await analytics(workspaceId, { startDate: "2026-02-01", endDate: "2026-02-28" })).toMatchObject({
      cost: 101,
    });
    expect(await analytics("other", january)).toMatchObject({ calls: 3, cost: 301 });
  });

  test("finds days and months whose sums are wrong though they have no quarters", async () => {
    const ghosts = "ghosts";
    const row = (level: string, bucket: string) =>
      env.DB.prepare(
        "INSERT INTO cost_rollups VALUES (?1, ?2, ?3, 'w1', 'openai', 'm', 'r', 1, 0, 7, 0, 0, 0, 0, 0, 0)",
      ).bind(ghosts, level, at(bucket));
    await env.DB.batch([row("day", "2025-03-07T00:00Z"), row("month", "2025-05-01T00:00Z")]);
    const range = { from: at("2025-01-01T00:00Z"), to: at("2026-01-01T00:00Z") };
    expect(await rebuildRollups(db(), ghosts, range)).toEqual({ days: 2, next: null });
    await foldRollups(db(), at("2026-04-01T01:00:00Z"));
    expect(
      await env.DB.prepare("SELECT count(*) AS n FROM cost_rollups WHERE workspace_id = ?").bind(ghosts).first("n"),
    ).toBe(0);
  });

  test("of many days goes on where there are calls, a day a transaction", async () => {
    const far = "far-apart";
    await record(
      call({ workspaceId: far, at: at("1999-01-01T00:00Z") }),
      call({ workspaceId: far, at: at("2026-01-01T00:00Z") }),
    );
    const meter = db();
    expect(await rebuildRollups(meter, far, { from: 0, to: at("2027-01-01T00:00Z") })).toEqual({ days: 2, next: null });
    expect(meter.usage.roundTrips).toBe(5);
  });
});

describe("executions", () => {
  let account: Account;
  let workflowId: string;
  beforeAll(async () => {
    account = await signUp();
    workflowId = await createWorkflow(account, ["a"]);
    const { workspaceId } = account;
    await endExecution(workspaceId, workflowId, at("2026-02-10T10:00Z"));
    await endExecution(workspaceId, workflowId, at("2026-02-10T10:14Z"), "failed");
    await endExecution(workspaceId, workflowId, at("2026-02-11T10:00Z"));
    await endExecution(workspaceId, workflowId, at("2026-02-11T11:00Z"), "cancelled");
    await record(call({ workspaceId, workflowId, costNanoUsd: 901, at: at("2026-02-10T09:00Z") }));
  });

  const february = { startDate: "2026-02-01", endDate: "2026-02-28", timezone: "UTC" };

  test.each(["before", "after"])("count by when they ended, %s their days are folded", async (when) => {
    if (when === "after") await foldRollups(db(), at("2026-04-01T01:00:00Z"));
    const ctx = reader(account.workspaceId);
    expect(await readCosts(ctx, february)).toMatchObject({
      executions: { succeeded: 2, failed: 1, cancelled: 1 },
      costPerSuccessfulExecution: { costNanoUsd: 451, costUsd: "0.000000451" },
    });
    const { items } = await readTrends(ctx, { ...february, interval: "day" });
    expect(
      items.flatMap(({ bucket, executions }) => (executions === 0 ? [] : [[bucket.slice(0, 10), executions]])),
    ).toEqual([
      ["2026-02-10", 2],
      ["2026-02-11", 2],
    ]);
  });

  test("stay counted, under its name, when their workflow is deleted", async () => {
    const { name } = (await account.send<{ name: string }>("GET", `/api/workflows/${workflowId}`)).body;
    expect((await account.send("DELETE", `/api/workflows/${workflowId}`)).status).toBe(204);
    const { items } = await readExpensiveWorkflows(reader(account.workspaceId), { ...february, limit: 10 });
    expect(items).toMatchObject([
      { id: workflowId, name, deleted: true, costNanoUsd: 901, executions: 4, succeededExecutions: 2 },
    ]);
  });
});

describe("rebuilding by the API", () => {
  test("is the owner's, of the own workspace, and goes on with next until all is done", async () => {
    const owner = await signUp();
    const { workspaceId } = owner;
    const days = Array.from({ length: 61 }, (_, day) => at("2026-01-05T10:00Z") + day * 86_400_000);
    await record(...days.map((time) => call({ workspaceId, at: time })), call({ workspaceId: "next-door" }));
    await env.DB.prepare("UPDATE cost_rollups SET cost_nano_usd = 7 WHERE workspace_id IN (?, 'next-door')")
      .bind(workspaceId)
      .run();
    const send = (body: object) =>
      owner.send<{ days: number; next: string | null }>("POST", "/api/analytics/rebuild", body);
    expect((await send({})).body).toEqual({ days: 60, next: "2026-03-06" });
    expect((await send({ startDate: "2026-03-06" })).body).toEqual({ days: 1, next: null });
    const all = { startDate: "2026-01-01", endDate: "2026-04-01" };
    expect(await analytics(workspaceId, all)).toMatchObject({ calls: 61, cost: 6_100 });
    expect(await analytics("next-door", all)).toMatchObject({ cost: 7 });
    expect((await send({ startDate: "2026-01-05", endDate: "2026-01-06" })).body).toEqual({ days: 2, next: null });
    expect(await send({ startDate: "2026-01-05", endDate: "2026-01-04" })).toMatchObject({
      status: 422,
      body: { error: { code: "invalid_fields", details: [{ path: "endDate" }] } },
    });
    expect((await send({ from: "2026-01-05" })).status).toBe(422);
    const editor = await joinAs(owner, "editor");
    expect((await editor.send("POST", "/api/analytics/rebuild", {})).status).toBe(403);
  });
});
