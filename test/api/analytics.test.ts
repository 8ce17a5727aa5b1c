import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { CostsView, ExpensiveView, TrendsView, UsageView } from "../../src/costs/analytics-inputs.ts";
import { foldRollups } from "../../src/costs/index.ts";
import { readCosts } from "../../src/costs/read-costs.ts";
import { openDb } from "../../src/db/client.ts";
import { type Account, ctxOf, joinAs, nobody, signUp } from "../worker/accounts.ts";
import { testClock } from "../worker/engine.ts";
import { call, record } from "../worker/ledger.ts";
import { MARCH, recordMarch } from "../worker/march-ledger.ts";
import { createWorkflow } from "../worker/workflows.ts";

interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}

const at = (iso: string) => Date.parse(iso);

let owner: Account;
let viewer: Account;
let stranger: Account;
let writers: string;
beforeAll(async () => {
  owner = await signUp("Olga");
  viewer = await joinAs(owner, "viewer");
  stranger = await signUp("Sven");
  writers = await createWorkflow(owner, ["a"]);
  await recordMarch(owner, writers);
  await record(call({ workspaceId: stranger.workspaceId, costNanoUsd: 77, at: at("2026-03-05T00:00:00Z") }));
});

async function get<Body>(path: string, who = viewer): Promise<Body> {
  const { status, body } = await who.send<Body>("GET", `/api/analytics/${path}`);
  if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

describe.each(["before", "after"])("%s days and months are folded", (when) => {
  beforeAll(async () => {
    if (when === "after") await foldRollups(openDb(env.DB), at("2026-06-01T02:00:00Z"));
  });

  test("costs come in all and by workflow, provider, model and role, the dearest first", async () => {
    const costs = await get<CostsView>(`costs?${MARCH}`);
    expect(costs).toMatchObject({
      range: { from: "2026-03-01T00:00:00.000Z", to: "2026-04-01T00:00:00.000Z", timezone: "UTC" },
      totalCostNanoUsd: 4_200_321,
      totalCostUsd: "0.004200321",
      calls: 5,
      unpricedCalls: 1,
      inputTokens: 1_040,
      outputTokens: 70,
      executions: { succeeded: 0, failed: 0, cancelled: 0 },
      costPerSuccessfulExecution: null,
      allTime: { costNanoUsd: 4_205_321, costUsd: "0.004205321", calls: 6, unpricedCalls: 1 },
    });
    const spent = { unpricedCalls: 0, inputTokens: 10, outputTokens: 5 };
    expect(costs.byWorkflow).toEqual([
      {
        id: writers,
        name: expect.stringMatching(/^Workflow \d+$/),
        deleted: false,
        costNanoUsd: 4_200_021,
        costUsd: "0.004200021",
        calls: 3,
        unpricedCalls: 0,
        inputTokens: 1_020,
        outputTokens: 60,
      },
      {
        id: "gone",
        name: null,
        deleted: true,
        costNanoUsd: 300,
        costUsd: "0.0000003",
        calls: 2,
        unpricedCalls: 1,
        inputTokens: 20,
        outputTokens: 10,
      },
    ]);
    expect(costs.byProvider.map(({ provider, costNanoUsd, calls }) => [provider, costNanoUsd, calls])).toEqual([
      ["openai", 4_200_000, 2],
      ["anthropic", 321, 3],
    ]);
    expect(costs.byModel).toMatchObject([
      { provider: "openai", model: "gpt-x", costNanoUsd: 4_200_000 },
      { provider: "anthropic", model: "claude-x", costNanoUsd: 321, calls: 3 },
      // Unknown is not nothing.
      {
        provider: "openai",
        model: "new-model",
        costNanoUsd: null,
        costUsd: null,
        calls: 1,
        ...spent,
        unpricedCalls: 1,
      },
    ]);
    expect(costs.byRole.map(({ role, costNanoUsd }) => [role, costNanoUsd])).toEqual([
      ["writer", 4_200_000],
      ["editor", 321],
    ]);
  });

  test("tokens come by class", async () => {
    const usage = await get<UsageView>(`usage?${MARCH}&provider=openai`);
    const classes = { cachedInputTokens: 300, cacheWriteTokens: 20, cacheWrite1hTokens: 1, reasoningTokens: 9 };
    expect(usage).toMatchObject({ calls: 2, inputTokens: 1_010, outputTokens: 55, ...classes });
    expect(usage.byModel).toEqual([
      { provider: "openai", model: "gpt-x", calls: 1, inputTokens: 1_000, outputTokens: 50, ...classes },
      {
        provider: "openai",
        model: "new-model",
        calls: 1,
        inputTokens: 10,
        outputTokens: 5,
        cachedInputTokens: 0,
        cacheWriteTokens: 0,
        cacheWrite1hTokens: 0,
        reasoningTokens: 0,
      },
    ]);
  });

  test.each([
    ["workflowId=gone", 300, 2],
    ["provider=anthropic", 321, 3],
    ["model=claude-x&workflowId=gone", 300, 1],
    ["model=new-model", null, 1],
    ["provider=acme", 0, 0],
    ["workflowId=' OR 1=1 --", 0, 0],
  ])("%s narrows every figure of costs", async (filter, cost, calls) => {
    const costs = await get<CostsView>(`costs?${MARCH}&${filter}`);
    expect([costs.totalCostNanoUsd, costs.calls]).toEqual([cost, calls]);
    for (const breakdown of [costs.byWorkflow, costs.byProvider, costs.byModel, costs.byRole]) {
      expect(breakdown.reduce((sum, entry) => sum + entry.calls, 0)).toBe(calls);
    }
  });

  test("a day is that of the time zone, also when clocks change on it", async () => {
    const day = async (date: string, timezone: string) => {
      const query = `startDate=${date}&endDate=${date}&timezone=${encodeURIComponent(timezone)}`;
      return (await get<CostsView>(`costs?${query}`)).totalCostNanoUsd;
    };
    expect(await day("2026-03-29", "Europe/Berlin")).toBe(21);
    expect(await day("2026-03-30", "Europe/Berlin")).toBe(300);
    expect(await day("2026-03-29", "UTC")).toBe(320);
    expect(await day("2026-03-30", "+02:00")).toBe(300);
    expect(await day("2026-02-28", "America/New_York")).toBe(4_200_000);
  });

  test("trends have no holes, and add up to the costs of their range", async () => {
    for (const interval of ["hour", "day", "week", "month"]) {
      for (const timezone of ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"]) {
        const query = `${MARCH}&timezone=${timezone}`;
        const trends = await get<TrendsView>(`trends?${query}&interval=${interval}`);
        const costs = await get<CostsView>(`costs?${query}`);
        expect(trends).toMatchObject({ interval, timezone, range: costs.range });
        const sum = (of: (item: TrendsView["items"][number]) => number | null) =>
          trends.items.reduce((total, item) => total + (of(item) ?? 0), 0);
        expect([interval, timezone, sum((item) => item.costNanoUsd), sum((item) => item.inputTokens)]).toEqual([
          interval,
          timezone,
          costs.totalCostNanoUsd,
          costs.inputTokens,
        ]);
        const times = trends.items.map(({ bucket }) => bucket);
        expect(times).toEqual([...new Set(times)].toSorted());
      }
    }
    expect((await get<TrendsView>(`trends?${MARCH}`)).items).toHaveLength(31);
    expect((await get<TrendsView>(`trends?${MARCH}&interval=hour&timezone=Europe/Berlin`)).items).toHaveLength(743);
  });

  test("a bucket is named by when it begins, in UTC and as clocks show it", async () => {
    const query = "startDate=2026-03-28&endDate=2026-03-30&timezone=Europe/Berlin";
    const { items } = await get<TrendsView>(`trends?${query}`);
    expect(items.map(({ bucket, localStart, costNanoUsd }) => [bucket, localStart, costNanoUsd])).toEqual([
      ["2026-03-27T23:00:00.000Z", "2026-03-28T00:00:00+01:00", 0],
      ["2026-03-28T23:00:00.000Z", "2026-03-29T00:00:00+01:00", 21],
      ["2026-03-29T22:00:00.000Z", "2026-03-30T00:00:00+02:00", 300],
    ]);
  });

  test("expensive workflows come the dearest first, as many as asked for", async () => {
    const { items } = await get<ExpensiveView>(`expensive-workflows?${MARCH}`);
    expect(items).toMatchObject([
      {
        id: writers,
        deleted: false,
        costNanoUsd: 4_200_021,
        calls: 3,
        executions: 0,
        costPerSuccessfulExecution: null,
      },
      { id: "gone", name: null, deleted: true, costNanoUsd: 300, calls: 2 },
    ]);
    const first = await get<ExpensiveView>(
      "expensive-workflows?startDate=2026-03-29T22:00:00Z&endDate=2026-04-30&limit=1",
    );
    expect(first.items.map(({ id, costNanoUsd }) => [id, costNanoUsd])).toEqual([["gone", 5_300]]);
  });
});

test("today, week and month are those of the zone that it is there now", async () => {
  const workspaceId = "periods";
  const times = ["2026-05-31T23:00Z", "2026-06-01T03:59Z", "2026-06-01T04:00Z", "2026-06-01T04:14:59Z"];
  await record(...times.map((time, index) => call({ workspaceId, at: at(time), costNanoUsd: 10 ** index })));
  const ctx = ctxOf({ workspaceId, userId: null }, { clock: testClock(at("2026-06-01T04:14:59Z")) });
  const periods = async (timezone: string) => {
    const { today, week, month, allTime } = await readCosts(ctx, { timezone });
    return [today, week, month, allTime].map(({ costNanoUsd }) => costNanoUsd);
  };
  expect(await periods("UTC")).toEqual([1_110, 1_110, 1_110, 1_111]);
  expect(await periods("America/New_York")).toEqual([1_100, 1_100, 1_100, 1_111]);
  expect(await periods("Asia/Tokyo")).toEqual([1_111, 1_111, 1_111, 1_111]);
});

test("sums past what a number holds exactly are exact in costUsd", async () => {
  const workspaceId = "rich";
  await record(...[1, 2, 3].map(() => call({ workspaceId, costNanoUsd: Number.MAX_SAFE_INTEGER })));
  const ctx = ctxOf({ workspaceId, userId: null });
  const costs = await readCosts(ctx, { startDate: "2026-01-01", endDate: "2026-01-31", timezone: "UTC" });
  expect(costs.totalCostUsd).toBe("27021597.764222973");
  expect(costs.allTime.costUsd).toBe("27021597.764222973");
});

describe("refused", () => {
  const EVERY = ["costs", "usage", "trends", "expensive-workflows", "export"];
  test.each([
    ["startDate=2026-03-02&endDate=2026-03-01", "startDate"],
    ["startDate=yesterday", "startDate"],
    ["endDate=2026-02-30", "endDate"],
    ["endDate=2026-03-01T12:00:00", "endDate"],
    ["startDate=", "startDate"],
    ["timezone=Europe/Atlantis", "timezone"],
    ["timezone=", "timezone"],
    [`workflowId=${"x".repeat(65)}`, "workflowId"],
  ])("%s, by every endpoint", async (query, path) => {
    for (const endpoint of EVERY) {
      const { status, body } = await viewer.send<Refusal>("GET", `/api/analytics/${endpoint}?${query}`);
      expect([endpoint, status, body.error.code, body.error.details[0]?.path]).toEqual([
        endpoint,
        422,
        "invalid_fields",
        path,
      ]);
    }
  });

  test.each([
    ["trends?interval=hour&startDate=2025-01-01&endDate=2026-02-05", "400 days"],
    ["trends?interval=day&startDate=2020-01-01&endDate=2026-02-05", "1200 days"],
    ["trends?interval=week&startDate=1980-01-01&endDate=2026-02-05", "4000 days"],
  ])("%s, with the bound", async (path, bound) => {
    const { status, body } = await viewer.send<Refusal>("GET", `/api/analytics/${path}`);
    expect([status, body.error.message]).toEqual([422, expect.stringContaining(bound)]);
  });

  test.each(["trends?interval=minute", "expensive-workflows?limit=0", "expensive-workflows?limit=101"])(
    "%s",
    async (path) => {
      expect((await viewer.send("GET", `/api/analytics/${path}`)).status).toBe(422);
    },
  );

  test("without an account", async () => {
    for (const endpoint of EVERY) expect((await nobody.send("GET", `/api/analytics/${endpoint}`)).status).toBe(401);
  });
});

test("400 days by hour are answered, each hour once", async () => {
  const { items } = await get<TrendsView>(
    "trends?interval=hour&startDate=2025-03-01&endDate=2026-04-04&timezone=America/New_York",
  );
  // Clocks went forward twice in these 400 days, and back once.
  expect(items).toHaveLength(400 * 24 - 1);
  expect(items.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0)).toBe(4_205_321);
});

test("another workspace's costs are nowhere to be seen, whatever is filtered by", async () => {
  const theirs = await get<CostsView>(`costs?${MARCH}`, stranger);
  expect([theirs.totalCostNanoUsd, theirs.allTime.costNanoUsd, theirs.calls]).toEqual([77, 77, 1]);
  expect(await get<CostsView>(`costs?${MARCH}&workflowId=${writers}`, stranger)).toMatchObject({
    calls: 0,
    totalCostNanoUsd: 0,
    byWorkflow: [],
  });
  const csv = await (await stranger.fetch(`/api/analytics/export?${MARCH}`)).text();
  expect(csv.trim().split("\r\n")).toHaveLength(2);
});
