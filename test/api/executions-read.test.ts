import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { ExecutionView } from "../../src/executions/inputs.ts";
import { type Account, joinAs, nobody, signUp } from "../worker/accounts.ts";
import { ended, execute, settled } from "../worker/executions.ts";
import { answerAsOpenAi, type ModelAnswer } from "../worker/model.ts";
import { countRows } from "../worker/rows.ts";
import { createWorkflow } from "../worker/workflows.ts";

interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}
interface Listed<Item> {
  items: Item[];
  nextCursor: string | null;
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let owner: Account;
let viewer: Account;
let stranger: Account;
beforeAll(async () => {
  owner = await signUp("Olga");
  viewer = await joinAs(owner, "viewer");
  stranger = await signUp("Sven");
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});

const paths = (refusal: Refusal) => refusal.error.details.map((detail) => detail.path);

async function all<Item>(at: string, who: Account = owner): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const join: string = at.includes("?") ? "&" : "?";
    const address: string = cursor === "" ? at : `${at}${join}cursor=${cursor}`;
    const page: Listed<Item> = (await who.send<Listed<Item>>("GET", address)).body;
    items.push(...page.items);
    cursor = page.nextCursor;
    if (items.length > 100) throw new Error(`${at} goes round in circles`);
  }
  return items;
}

describe("the list", () => {
  const DAY = 86_400_000;
  let account: Account;
  let workflows: string[];
  let rows: ExecutionView[];
  beforeAll(async () => {
    answerAsOpenAi(({ system }): ModelAnswer => (system === "You are bad." ? { status: 400 } : { text: "ok" }));
    account = await signUp();
    workflows = [await createWorkflow(account, ["a"]), await createWorkflow(account, ["bad"])];
    for (const id of [0, 0, 1, 0, 1]) await ended(account, await execute(account, workflows[id] ?? ""));
    // One execution a day, so that a filter by time has something to tell apart.
    const listed = await all<ExecutionView>("/api/executions", account);
    for (const [index, { id }] of listed.entries()) {
      const at = Date.UTC(2026, 2, 31, 23, 59, 59, 999) - index * DAY;
      await env.DB.prepare("UPDATE executions SET created_at = ? WHERE id = ?").bind(at, id).run();
    }
    rows = await all<ExecutionView>("/api/executions", account);
  });

  const ask = async (query: string) =>
    (await account.send<Listed<ExecutionView>>("GET", `/api/executions?${query}`)).body.items.map((item) => item.id);
  const idsOf = (...indexes: number[]) => indexes.map((index) => rows[index]?.id);

  test("shows the newest first, in pages, with what the contract promises and no inputs or outputs", async () => {
    expect(rows.map((row) => row.id)).toEqual(
      rows
        .map((row) => row.id)
        .toSorted()
        .toReversed(),
    );
    expect(await all<ExecutionView>("/api/executions?limit=2", account)).toEqual(rows);
    expect(Object.keys(rows[0] ?? {})).toEqual(
      expect.arrayContaining([
        "id",
        "workflowId",
        "versionId",
        "version",
        "status",
        "trigger",
        "startedAt",
        "completedAt",
        "durationMs",
        "costNanoUsd",
      ]),
    );
    const named = await account.send<{ name: string }>("GET", `/api/workflows/${rows[0]?.workflowId}`);
    expect(rows[0]).toHaveProperty("workflowName", named.body.name);
    for (const kept of ["input", "output", "steps"]) expect(rows[0]).not.toHaveProperty(kept);
    expect((await account.send<Listed<object>>("GET", "/api/executions?limit=5")).body.nextCursor).toBeNull();
  });

  test("filters by workflow, status and trigger, also together", async () => {
    expect(await ask(`workflowId=${workflows[1]}`)).toEqual(idsOf(0, 2));
    expect(await ask("status=failed")).toEqual(idsOf(0, 2));
    expect(await ask(`status=failed&workflowId=${workflows[0]}`)).toEqual([]);
    expect(await ask("trigger=manual&status=succeeded")).toEqual(idsOf(1, 3, 4));
    expect(await ask("trigger=webhook")).toEqual([]);
  });

  test("filters by time: a day as `to` includes all of it, a moment exactly itself", async () => {
    expect(await ask("from=2026-03-30")).toEqual(idsOf(0, 1));
    expect(await ask("to=2026-03-30")).toEqual(idsOf(1, 2, 3, 4));
    expect(await ask("from=2026-03-29&to=2026-03-30")).toEqual(idsOf(1, 2));
    expect(await ask("to=2026-03-30T23:59:59.998Z")).toEqual(idsOf(2, 3, 4));
    expect(await ask("to=2026-03-30T23:59:59.999Z")).toEqual(idsOf(1, 2, 3, 4));
    expect(await ask(`from=${encodeURIComponent("2026-04-01T01:59:59.999+02:00")}`)).toEqual(idsOf(0));
  });

  test.each([
    ["from=yesterday", "from"],
    ["to=2026-02-30", "to"],
    ["to=", "to"],
    ["status=done", "status"],
    ["trigger=cron", "trigger"],
    ["cursor=garbage", "cursor"],
    [`cursor=${btoa("x")}`, "cursor"],
    ["limit=0", "limit"],
  ])("refuses ?%s", async (query, where) => {
    const answer = await account.send<Refusal>("GET", `/api/executions?${query}`);
    expect([answer.status, paths(answer.body)]).toEqual([422, [where]]);
  });

  test("shows nobody another workspace's executions, whatever is filtered by", async () => {
    const query = `workflowId=${workflows[0]}`;
    expect((await stranger.send<Listed<object>>("GET", `/api/executions?${query}`)).body.items).toEqual([]);
    const { nextCursor } = (await account.send<Listed<object>>("GET", "/api/executions?limit=1")).body;
    const theirs = (await stranger.send<Listed<ExecutionView>>("GET", `/api/executions?cursor=${nextCursor}`)).body
      .items;
    expect(theirs.filter((item) => rows.some((row) => row.id === item.id))).toEqual([]);
  });
});

describe("logs and attempts", () => {
  interface Line {
    at: string;
    level: string;
    message: string;
    nodeId: string | null;
    data: object | null;
  }
  interface Attempt {
    nodeId: string;
    n: number;
    status: string;
  }

  test("come in pages that hold each line and each call once, without what was asked or answered", async () => {
    answerAsOpenAi(({ system }, count): ModelAnswer => (count === 1 ? { status: 500 } : { text: `canary ${system}` }));
    const settings = { stepRetries: 1 };
    const id = await createWorkflow(owner, ["a>b", "a>c"], { settings });
    const executionId = await execute(owner, id, { input: "canary" });
    await ended(owner, executionId);
    const logs = await all<Line>(`/api/executions/${executionId}/logs`);
    expect(logs.length).toBeGreaterThan(3);
    expect(await all<Line>(`/api/executions/${executionId}/logs?limit=1`)).toEqual(logs);
    expect(logs.map((line) => line.at)).toEqual(logs.map((line) => line.at).toSorted());
    for (const line of logs) expect(Object.keys(line).toSorted()).toEqual(["at", "data", "level", "message", "nodeId"]);
    expect(JSON.stringify(logs)).not.toContain("canary");

    const attempts = await all<Attempt>(`/api/executions/${executionId}/attempts`);
    expect(await all<Attempt>(`/api/executions/${executionId}/attempts?limit=1`)).toEqual(attempts);
    expect(attempts.map(({ nodeId, n, status }) => `${nodeId}${n} ${status}`).toSorted()).toEqual([
      "a1 failed",
      "a2 succeeded",
      "b1 succeeded",
      "c1 succeeded",
    ]);
    expect(attempts[0]).toEqual({
      nodeId: "a",
      n: 1,
      provider: "openai",
      model: "gpt-4.1-mini",
      status: "failed",
      errorKind: expect.any(String),
      httpStatus: 500,
      waitMs: expect.any(Number),
      latencyMs: expect.any(Number),
      usage: null,
      costNanoUsd: null,
      reason: expect.any(String),
      at: expect.stringMatching(ISO),
    });
    expect(attempts[1]).toMatchObject({
      usage: { inputTokens: 10, outputTokens: 5 },
      httpStatus: 200,
      errorKind: null,
    });

    for (const list of ["logs", "attempts"]) {
      for (const cursor of ["garbage", btoa("-1"), btoa("1e3 x y"), btoa("0x10"), btoa(" ")]) {
        const answer = await owner.send<Refusal>("GET", `/api/executions/${executionId}/${list}?cursor=${cursor}`);
        expect([list, cursor, answer.status]).toEqual([list, cursor, 422]);
      }
    }
  });
});

describe("who may see and do what", () => {
  test("another workspace's execution is as absent as one that never was, for every method", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const executionId = await execute(owner, await createWorkflow(owner, ["a"]));
    await ended(owner, executionId);
    const before = await countRows();
    for (const [method, suffix] of [
      ["GET", ""],
      ["GET", "/logs"],
      ["GET", "/attempts"],
      ["POST", "/cancel"],
      ["POST", "/retry"],
    ] as const) {
      const absent = "01900000-0000-7000-8000-000000000000";
      const [theirs, none] = [
        await stranger.send<Refusal>(method, `/api/executions/${executionId}${suffix}`),
        await stranger.send<Refusal>(method, `/api/executions/${absent}${suffix}`),
      ];
      expect([theirs.status, theirs.body.error.code]).toEqual([404, "execution_not_found"]);
      expect([none.status, none.body.error.message]).toEqual([404, theirs.body.error.message]);
      expect((await nobody.send(method, `/api/executions/${executionId}${suffix}`)).status).toBe(401);
    }
    expect(await countRows()).toEqual(before);
  });

  test("a viewer watches and starts, cancels and retries nothing", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const executionId = await execute(owner, await createWorkflow(owner, ["a"]));
    await ended(owner, executionId);
    const before = await countRows();
    for (const suffix of ["cancel", "retry"]) {
      const response = await viewer.fetch(`/api/executions/${executionId}/${suffix}`, { method: "POST", body: "{" });
      expect(response.status).toBe(403);
    }
    expect((await viewer.send("GET", `/api/executions/${executionId}/logs`)).status).toBe(200);
    expect(await countRows()).toEqual(before);
  });
});
