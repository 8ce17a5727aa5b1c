import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { isoTime } from "../../src/core/clock.ts";
import { listUnpriced } from "../../src/costs/list-unpriced.ts";
import type { Repriced, UnpricedModel } from "../../src/costs/pricing-inputs.ts";
import { reprice } from "../../src/costs/reprice.ts";
import type { ExecutionDetail } from "../../src/executions/inputs.ts";
import { type Account, ctxOf, signUp } from "../worker/accounts.ts";
import { testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { type Problem, pricesOf } from "../worker/pricing.ts";
import { runOnce } from "../worker/run-once.ts";
import type { Version } from "../worker/versions.ts";

const DAY_MS = 86_400_000;
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const day = (offset: number) => isoTime(TODAY + offset * DAY_MS).slice(0, 10);

let owner: Account;
const { price, put } = pricesOf(() => owner);
beforeAll(async () => {
  // The installation's owner: whoever signs up later is somebody else.
  await signUp();
});
beforeEach(async () => {
  owner = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function unpriced(): Promise<UnpricedModel[]> {
  return (await owner.send<{ items: UnpricedModel[] }>("GET", "/api/pricing/unpriced")).body.items;
}

async function repriceOver(body: object, query = ""): Promise<Repriced & Problem> {
  return (await owner.send<Repriced & Problem>("POST", `/api/pricing/reprice${query}`, body)).body;
}

/** Runs steps of one model, each of 1,000 tokens in and 100 out. `at` is when. */
async function run(model: string, { edges = ["a"], at = Date.now() }: { edges?: string[]; at?: number } = {}) {
  answerAsOpenAi(() => ({ text: "done", inputTokens: 1_000, outputTokens: 100 }));
  const engine = testEngine();
  engine.clock.advance(at - engine.clock.now());
  const agents = Object.fromEntries(["a", "b"].map((id) => [id, { model, fallback: { enabled: false, targets: [] } }]));
  return runOnce(owner, engine, edges, { agents });
}

async function executionOf(executionId: string): Promise<ExecutionDetail> {
  return (await owner.send<ExecutionDetail>("GET", `/api/executions/${executionId}`)).body;
}

async function versionOf(workflowId: string): Promise<Version | undefined> {
  return (await owner.send<{ items: Version[] }>("GET", `/api/workflows/${workflowId}/versions`)).body.items[0];
}

describe("a price of the workspace's own", () => {
  test("is what its executions cost from its date on, and what they cost elsewhere stays", async () => {
    const catalogue = await executionOf((await run("gpt-4.1-mini")).executionId);
    // 1,000 * 400 + 100 * 1,600 nano-USD.
    expect(catalogue.costNanoUsd).toBe(560_000);

    await price("gpt-4.1-mini", [7, 11]);
    await price("gpt-4.1-mini", [1, 1], { effectiveDate: isoTime(Date.now() + DAY_MS) });
    // 1,000 * 7,000 + 100 * 11,000 a call.
    const own = await executionOf((await run("gpt-4.1-mini", { edges: ["a>b"] })).executionId);
    expect([own.costNanoUsd, own.costUsd]).toEqual([2 * 8_100_000, "0.0162"]);
    expect(own.steps.map(({ costNanoUsd }) => costNanoUsd)).toEqual([8_100_000, 8_100_000]);
    const later = await executionOf((await run("gpt-4.1-mini", { at: Date.now() + 2 * DAY_MS })).executionId);
    expect(later.costNanoUsd).toBe(1_100_000);
    // A model that answers under a dated name goes by its plain one.
    expect((await executionOf((await run("gpt-4.1-mini-2025-04-14")).executionId)).costNanoUsd).toBe(8_100_000);

    const applied = await env.DB.prepare("SELECT price FROM execution_costs WHERE execution_id = ?")
      .bind(own.id)
      .first<string>("price");
    expect(JSON.parse(applied ?? "")).toEqual({
      effectiveDate: "2026-01-01T00:00:00.000Z",
      input: 7_000_000,
      output: 11_000_000,
    });

    owner = await signUp();
    expect((await executionOf((await run("gpt-4.1-mini")).executionId)).costNanoUsd).toBe(560_000);
  });

  test("counts as it was written last when two are from the same date, though an engine had read the first", async () => {
    await price("gpt-4.1-mini", [1, 1]);
    expect((await executionOf((await run("gpt-4.1-mini")).executionId)).costNanoUsd).toBe(1_100_000);
    await price("gpt-4.1-mini", [2, 2]);
    await price("gpt-4.1-mini", [9, 9], { effectiveDate: "2025-01-01" });
    expect((await executionOf((await run("gpt-4.1-mini")).executionId)).costNanoUsd).toBe(2_200_000);
  });

  test("is what the list of models shows and what the cheapest target is chosen by", async () => {
    interface Models {
      items: { provider: string; models: { id: string; price: { inputTokenPrice: number; tiers: unknown[] } }[] }[];
    }
    const explain = async () => {
      const agent = {
        provider: "openai",
        model: "gpt-6-luna",
        fallback: { strategy: "cheapest", targets: [{ provider: "openai", model: "gpt-6-sol" }] },
      };
      const { body } = await owner.send<{ targets: { model: string }[] }>("POST", "/api/route/explain", { agent });
      return body.targets.map(({ model }) => model);
    };
    expect(await explain()).toEqual(["gpt-6-luna", "gpt-6-sol"]);
    await price("gpt-6-sol", [0, 0], { tiers: [{ aboveInputTokens: 9_000, inputTokenPrice: 1, outputTokenPrice: 1 }] });
    expect(await explain()).toEqual(["gpt-6-sol", "gpt-6-luna"]);
    const { items } = (await owner.send<Models>("GET", "/api/providers")).body;
    const shown = items.find(({ provider }) => provider === "openai")?.models.find(({ id }) => id === "gpt-6-sol");
    expect(shown?.price).toMatchObject({
      inputTokenPrice: 0,
      tiers: [{ aboveInputTokens: 9_000, inputTokenPrice: 1 }],
    });
  });
});

describe("calls without a price", () => {
  test("are listed, and once priced they are in every sum, exactly once", async () => {
    const { workflowId, executionId } = await run("gpt-unheard-of", { edges: ["a>b"] });
    expect(await executionOf(executionId)).toMatchObject({ status: "succeeded", costNanoUsd: null, costUsd: null });
    expect((await versionOf(workflowId))?.avgCostNanoUsd).toBeNull();
    expect(await unpriced()).toEqual([
      {
        provider: "openai",
        model: "gpt-unheard-of",
        reason: "no_price",
        calls: 2,
        inputTokens: 2_000,
        outputTokens: 200,
        firstAt: expect.any(String),
        lastAt: expect.any(String),
      },
    ]);
    expect(await repriceOver({ provider: "openai", model: "gpt-unheard-of" })).toMatchObject({ calls: 0, more: false });

    await price("gpt-unheard-of", [3, 15]);
    // 1,000 * 3,000 + 100 * 15,000 a call. Two requests at once share the calls between them.
    const both = await Promise.all([repriceOver({ model: "gpt-unheard-of" }), repriceOver({ provider: "openai" })]);
    expect(both.reduce((sum, { calls }) => sum + calls, 0)).toBe(2);
    expect(both.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0)).toBe(9_000_000);

    const check = async () => {
      const execution = await executionOf(executionId);
      expect([execution.costNanoUsd, execution.costUsd]).toEqual([9_000_000, "0.009"]);
      expect(execution.steps.map(({ costNanoUsd }) => costNanoUsd)).toEqual([4_500_000, 4_500_000]);
      expect((await versionOf(workflowId))?.avgCostNanoUsd).toBe(9_000_000);
      const sums = await env.DB.prepare("SELECT priced_calls, unpriced_calls FROM executions WHERE id = ?")
        .bind(executionId)
        .first();
      expect(sums).toEqual({ priced_calls: 2, unpriced_calls: 0 });
      const rollups = await env.DB.prepare(
        "SELECT sum(cost_nano_usd) AS cost, sum(unpriced_calls) AS unpriced FROM cost_rollups WHERE workspace_id = ? AND level = 'quarter'",
      )
        .bind(owner.workspaceId)
        .first();
      expect(rollups).toEqual({ cost: 9_000_000, unpriced: 0 });
      expect(await unpriced()).toEqual([]);
    };
    await check();
    await price("gpt-unheard-of", [5, 5]);
    expect(await repriceOver({})).toEqual({ calls: 0, costNanoUsd: 0, costUsd: "0.00", more: false, next: null });
    await check();
  });

  test("of one execution among priced ones add to its cost and do not count it twice on its version", async () => {
    answerAsOpenAi(() => ({ text: "done", inputTokens: 1_000, outputTokens: 100 }));
    const agents = { a: { model: "gpt-4.1-mini" }, b: { model: "gpt-unheard-of" } };
    const { workflowId, executionId } = await runOnce(owner, testEngine(), ["a>b"], { agents });
    expect((await executionOf(executionId)).costNanoUsd).toBe(560_000);
    await price("gpt-unheard-of", [1, 1]);
    await repriceOver({ model: "gpt-unheard-of" });
    expect((await executionOf(executionId)).costNanoUsd).toBe(560_000 + 1_100_000);
    expect((await versionOf(workflowId))?.avgCostNanoUsd).toBe(1_660_000);
  });

  test("are priced by what held when they were made, within the dates asked for", async () => {
    const noon = (offset: number) => TODAY + offset * DAY_MS + DAY_MS / 2;
    const executions: string[] = [];
    for (const offset of [-4, -3, -2, -1]) {
      executions.push((await run("gpt-unheard-of-2026-01-01", { at: noon(offset) })).executionId);
    }
    const costs = () => Promise.all(executions.map(async (id) => (await executionOf(id)).costNanoUsd));
    await price("gpt-unheard-of", [1, 1], { effectiveDate: day(-3) });
    await price("gpt-unheard-of", [2, 2], { effectiveDate: day(-2) });

    // The plain name means its dated versions, and a day given as the end is included.
    expect(await repriceOver({ model: "gpt-unheard-of", startDate: day(-4), endDate: day(-3) })).toMatchObject({
      calls: 1,
    });
    expect(await costs()).toEqual([null, 1_100_000, null, null]);
    // It may all stand in the address as well.
    expect(await repriceOver({}, `?model=gpt-unheard-of&provider=openai&endDate=${day(-2)}`)).toMatchObject({
      calls: 1,
    });
    expect(await repriceOver({ provider: "anthropic" })).toMatchObject({ calls: 0 });
    expect(await repriceOver({})).toMatchObject({ calls: 1, costNanoUsd: 2_200_000 });
    expect(await costs()).toEqual([null, 1_100_000, 2_200_000, 2_200_000]);
    // Before its first price nothing says what a model cost.
    expect(await unpriced()).toMatchObject([{ calls: 1, firstAt: isoTime(noon(-4)) }]);

    const backwards = await repriceOver({ startDate: day(-1), endDate: day(-2) });
    expect(backwards.error.details[0]?.path).toBe("endDate");
    expect((await repriceOver({ model: "x", endDate: "yesterday" })).error.details[0]?.path).toBe("endDate");
  });

  test("stay each workspace's own, and are priced also when their execution is gone", async () => {
    const { workflowId, executionId } = await run("gpt-unheard-of");
    const stranger = await signUp();
    await put(
      {
        provider: "openai",
        model: "gpt-unheard-of",
        inputTokenPrice: 1,
        outputTokenPrice: 1,
        effectiveDate: "2026-01-01",
      },
      stranger,
    );
    expect((await stranger.send<Repriced>("POST", "/api/pricing/reprice", {})).body.calls).toBe(0);
    expect((await owner.send("DELETE", `/api/workflows/${workflowId}`)).status).toBe(204);
    await price("gpt-unheard-of", [1, 1]);
    expect(await repriceOver({})).toMatchObject({ calls: 1, costNanoUsd: 1_100_000 });
    const cost = "SELECT cost_nano_usd FROM execution_costs WHERE execution_id = ?";
    expect(await env.DB.prepare(cost).bind(executionId).first("cost_nano_usd")).toBe(1_100_000);
  });

  test("that can never be priced do not keep the rest waiting, whatever one request may work on", async () => {
    // More tokens from the cache than in all: no price makes sense of that.
    const insert = (calls: number, model: string, cached: number) =>
      env.DB.prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
         INSERT INTO execution_costs SELECT ?1, ?2, 'a', i, 1, 'w', 'v', 'agent', 'tester', 'openai', ?2, ?2,
           1000, ?4, 0, 0, 100, 0, NULL, NULL, 1700000000000 + i, 0 FROM n`,
      ).bind(owner.workspaceId, model, calls, cached);
    await env.DB.batch([insert(1_100, "a-contradiction", 2_000), insert(1, "b-überfällig", 0)]);
    await price("a-contradiction", [1, 1], { effectiveDate: "2020-01-01" });
    await price("b-überfällig", [1, 1], { effectiveDate: "2020-01-01" });
    const onePage = (cursor?: string) => reprice(ctxOf(owner), { cursor }, 1);
    const answers: Repriced[] = [await onePage()];
    for (let next = answers[0]?.next; next; next = answers.at(-1)?.next) answers.push(await onePage(next));
    expect(answers.map(({ calls, more }) => [calls, more])).toEqual([
      [0, true],
      [0, true],
      [0, true],
      [1, false],
    ]);
    const refused = await repriceOver({ cursor: "bm8gY3Vyc29y" });
    expect(refused.error.details[0]?.path).toBe("cursor");
  });

  test("are worked through in pages, each call once, by index and not over all history", async () => {
    const insert = (calls: number, model: string, cost: number | null) =>
      env.DB.prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
         INSERT INTO execution_costs SELECT ?1, ?2 || '-' || (i % 7), 'a', i, 1, 'w', 'v', 'agent', 'tester', 'openai', ?2, ?2,
           1000, 0, 0, 0, 100, 0, ?4, NULL, 1700000000000 + i / 3, 0 FROM n`,
      ).bind(owner.workspaceId, model, calls, cost);
    await env.DB.batch([
      insert(1_203, "gpt-unheard-of", null),
      insert(3_000, "gpt-priced", 5),
      insert(900, "gpt-nobody-knows", null),
    ]);
    await price("gpt-unheard-of", [1, 1], { effectiveDate: "2020-01-01" });
    const ctx = ctxOf(owner);
    expect(await reprice(ctx, {})).toEqual({
      calls: 1_203,
      costNanoUsd: 1_203 * 1_100_000,
      costUsd: "1.3233",
      more: false,
      next: null,
    });
    // Looking for what is unpriced reads those 2,103; writing reads each of the 1,203 again, with what stands beside it.
    expect(ctx.db.usage.rowsRead).toBeLessThan(20_000);
    const again = ctxOf(owner);
    expect((await reprice(again, {})).calls).toBe(0);
    expect(again.db.usage.rowsRead).toBeLessThan(20);
    const list = ctxOf(owner);
    const [first] = (await listUnpriced(list, { limit: 10 })).items;
    expect(first).toMatchObject({ model: "gpt-nobody-knows", calls: 900, inputTokens: 900_000, outputTokens: 90_000 });
    expect([first?.firstAt, first?.lastAt]).toEqual([isoTime(1_700_000_000_000), isoTime(1_700_000_000_300)]);
    // A row of sums, and the ends of an index: not the 900 calls.
    expect(list.db.usage.rowsRead).toBeLessThan(10);
  });
});
