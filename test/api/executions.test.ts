import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startExecution } from "../../src/executions/index.ts";
import type { ExecutionView } from "../../src/executions/inputs.ts";
import worker from "../../src/index.ts";
import { type Account, ctxOf, joinAs, nobody, ORIGIN, readAnswer, signUp } from "../worker/accounts.ts";
import { testEngine } from "../worker/engine.ts";
import { ended, execute, heldModel, letAllGo, settled } from "../worker/executions.ts";
import { answerAsOpenAi, type ModelAnswer } from "../worker/model.ts";
import { countRows } from "../worker/rows.ts";
import { createWorkflow, definitionOf } from "../worker/workflows.ts";

interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}
interface Started {
  executionId: string;
  status: string;
  versionId: string;
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
  letAllGo();
  await settled();
  vi.restoreAllMocks();
});

const start = (id: string, body: object = {}, headers: Record<string, string> = {}, who: Account = owner) =>
  who.send<Started & Refusal>("POST", `/api/workflows/${id}/execute`, body, headers);

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

describe("executing", () => {
  test("an execution is answered at once, runs by itself over the queue, and is told with all of its steps", async () => {
    const calls = answerAsOpenAi(({ system }) => ({ text: `said ${system}`, inputTokens: 7, outputTokens: 3 }));
    const id = await createWorkflow(owner, ["a>b"]);
    const started = await start(id, { input: { topic: "bees" } });
    expect(started).toMatchObject({ status: 202, body: { status: "queued" } });
    expect(Object.keys(started.body).toSorted()).toEqual(["executionId", "status", "versionId"]);

    const execution = await ended(owner, started.body.executionId);
    expect(execution).toEqual({
      id: started.body.executionId,
      workflowId: id,
      versionId: started.body.versionId,
      version: 1,
      status: "succeeded",
      trigger: { type: "manual", id: owner.userId },
      retryOf: null,
      reusedSteps: 0,
      createdAt: expect.stringMatching(ISO),
      startedAt: expect.stringMatching(ISO),
      completedAt: expect.stringMatching(ISO),
      durationMs: expect.any(Number),
      inputTokens: 14,
      outputTokens: 6,
      costNanoUsd: null,
      costUsd: null,
      input: { topic: "bees" },
      output: "said You are b.",
      error: null,
      steps: ["a", "b"].map((nodeId) => ({
        nodeId,
        agentId: `agent-${nodeId}`,
        name: nodeId.toUpperCase(),
        status: "succeeded",
        attempts: 1,
        output: `said You are ${nodeId}.`,
        error: null,
        provider: "openai",
        model: "gpt-4.1-mini",
        fallbackUsed: false,
        reused: false,
        inputTokens: 7,
        outputTokens: 3,
        costNanoUsd: null,
        costUsd: null,
        startedAt: expect.stringMatching(ISO),
        completedAt: expect.stringMatching(ISO),
      })),
    });
    expect(calls.map((call) => call.prompt)).toEqual([JSON.stringify({ topic: "bees" }, null, 2), "said You are a."]);
    const { body } = await viewer.send("GET", `/api/executions/${execution.id}`);
    expect(body).toEqual(execution);
  });

  test("a version is named by its number or its id; one that is not there, or another workflow's, is 404", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const [id, other] = [await createWorkflow(owner, ["a"]), await createWorkflow(owner, ["z"])];
    const first = await start(id);
    await owner.send("PUT", `/api/workflows/${id}`, definitionOf(["b"]));
    const second = await start(id);
    const foreign = await start(other);
    expect(second.body.versionId).not.toBe(first.body.versionId);
    for (const [version, versionId, node] of [
      [1, first.body.versionId, "a"],
      ["1", first.body.versionId, "a"],
      [first.body.versionId, first.body.versionId, "a"],
      [2, second.body.versionId, "b"],
      [undefined, second.body.versionId, "b"],
    ] as const) {
      const again = await start(id, { version });
      expect([version, again.body.versionId]).toEqual([version, versionId]);
      expect((await ended(owner, again.body.executionId)).steps.map((step) => step.nodeId)).toEqual([node]);
    }
    const before = await countRows();
    for (const version of [3, "9".repeat(15), "nope", foreign.body.versionId, "1 OR 1=1", "__proto__"]) {
      const refused = await start(id, { version });
      expect([version, refused.status, refused.body.error?.code]).toEqual([version, 404, "version_not_found"]);
    }
    for (const version of [0, -1, 1.5, "", null, {}, "x".repeat(65)]) {
      const refused = await start(id, { version });
      expect([version, refused.status, paths(refused.body)]).toEqual([version, 422, ["version"]]);
    }
    expect(await countRows()).toEqual(before);
  });

  test("an input that does not fit the workflow's schema is refused with the places of its faults", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const inputSchema = {
      type: "object",
      required: ["topic"],
      properties: { topic: { type: "string" }, depth: { type: "object", properties: { max: { type: "integer" } } } },
    };
    const id = await createWorkflow(owner, ["a"], { settings: { inputSchema } });
    const before = await countRows();
    const wrong = await start(id, { input: { topic: 5, depth: { max: "deep" } } });
    expect([wrong.status, wrong.body.error.code]).toEqual([422, "input_invalid"]);
    expect(paths(wrong.body)).toEqual(expect.arrayContaining(["input.topic", "input.depth.max"]));
    const absent = await start(id);
    expect([absent.status, absent.body.error.code]).toEqual([422, "input_invalid"]);
    expect(await countRows()).toEqual(before);
    expect((await start(id, { input: { topic: "bees", depth: { max: 2 } } })).status).toBe(202);
  });

  test.each([
    ["brackets without end", `{"input":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, ["input"]],
    ["a __proto__", '{"input":{"a":{"__proto__":{"admin":true}}}}', ["input"]],
    ["an infinite number", '{"input":[1e999]}', ["input"]],
    ["numbers that grow when they are written out", `{"input":[${"1e20,".repeat(200_000)}1]}`, ["input"]],
    ["an unknown field", '{"inputs":1}', ["inputs"]],
  ])("%s in an input is refused and leaves nothing behind", async (_, body, where) => {
    const id = await createWorkflow(owner, ["a"]);
    const before = await countRows();
    const response = await owner.fetch(`/api/workflows/${id}/execute`, { method: "POST", body });
    const refused = await readAnswer<Refusal>(response);
    expect([refused.status, paths(refused.body)]).toEqual([422, where]);
    expect(await countRows()).toEqual(before);
  });

  test.each([["text"], [""], [0], [false], [null], [[]], [{ constructor: { prototype: 1 } }], ["\u0000🐝\ud83d"]])(
    "the input %j comes back as it was sent",
    async (input) => {
      answerAsOpenAi(() => ({ text: "ok" }));
      const executionId = await execute(owner, await createWorkflow(owner, ["a"]), { input });
      const execution = await ended(owner, executionId);
      expect(execution.input).toEqual(input);
      expect(execution.status).toBe("succeeded");
    },
  );

  test("an agent whose provider has no key keeps the execution from starting, and the answer names the setting", async () => {
    const agents = { b: { provider: "anthropic", model: "claude-sonnet-4-5" } };
    const id = await createWorkflow(owner, ["a>b"], { agents });
    const before = await countRows();
    const refused = await start(id);
    expect([refused.status, refused.body.error.code]).toEqual([422, "provider_not_configured"]);
    expect(refused.body.error.details).toEqual([
      { path: "agents[1].provider", message: expect.stringContaining("ANTHROPIC_API_KEY") },
    ]);
    expect(await countRows()).toEqual(before);
  });

  test("the installation's keys serve its owner's workspace alone unless they are shared", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const unshared = { ...env, SHARE_PROVIDER_KEYS: "false" };
    const attempt = async (who: Account) => {
      const id = await createWorkflow(who, ["a"]);
      const request = new Request(`${ORIGIN}/api/workflows/${id}/execute`, {
        method: "POST",
        headers: { Cookie: who.cookie },
      });
      return readAnswer<Refusal>(await worker.fetch(request, unshared, createExecutionContext()));
    };
    expect((await attempt(owner)).status).toBe(202);
    const refused = await attempt(stranger);
    expect([refused.status, refused.body.error.code]).toEqual([422, "provider_not_configured"]);
  });

  test("an execution goes on with the version that it began with while the draft changes under it", async () => {
    const { calls, letGo } = heldModel();
    const id = await createWorkflow(owner, ["a>b"]);
    const executionId = await execute(owner, id);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    await owner.send(
      "PUT",
      `/api/workflows/${id}`,
      definitionOf(["a>c"], { agents: { a: { systemPrompt: "changed" } } }),
    );
    letGo();
    const execution = await ended(owner, executionId);
    expect(execution.steps.map((step) => step.nodeId)).toEqual(["a", "b"]);
    expect(calls.map((call) => call.system)).toEqual(["You are a.", "You are b."]);
  });

  test("a save that comes between reading the draft and starting it is what runs, and no older state follows it", async () => {
    const workflowId = await createWorkflow(owner, ["old"]);
    let saves = 0;
    const { providerKey } = testEngine();
    const engine = testEngine({
      async providerKey(...asked) {
        saves += 1;
        if (saves === 1) await owner.send("PUT", `/api/workflows/${workflowId}`, definitionOf(["fresh"]));
        return providerKey(...asked);
      },
    });
    const trigger = { type: "manual", id: null } as const;
    const { executionId } = await startExecution(ctxOf(owner), engine, { workflowId, input: null, trigger });
    answerAsOpenAi(() => ({ text: "ok" }));
    await engine.drain();
    expect((await ended(owner, executionId)).steps.map((step) => step.nodeId)).toEqual(["fresh"]);
    const versions = "SELECT count(*) AS n FROM versions WHERE workflow_id = ?";
    expect(await env.DB.prepare(versions).bind(workflowId).first("n")).toBe(1);
  });
});

describe("Idempotency-Key", () => {
  test("ten requests at once with one key start one execution, and the eleventh is answered with it too", async () => {
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const id = await createWorkflow(owner, ["a"]);
    const before = await countRows();
    const send = () => start(id, { input: 1 }, { "Idempotency-Key": "order-1" });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    const [first] = answers;
    for (const answer of [...answers, await send()]) {
      expect([answer.status, answer.body]).toEqual([202, first?.body]);
    }
    await ended(owner, first?.body.executionId ?? "");
    const after = await countRows();
    for (const table of ["executions", "steps", "versions", "idempotency_keys"]) {
      expect([table, after[table]]).toEqual([table, (before[table] ?? 0) + 1]);
    }
    expect(calls).toHaveLength(1);
  });

  test("the same key with another body is a conflict; on another workflow or in another workspace it is its own", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const [id, other] = [await createWorkflow(owner, ["a"]), await createWorkflow(owner, ["a"])];
    const theirs = await createWorkflow(stranger, ["a"]);
    const key = { "Idempotency-Key": "shared" };
    const first = await start(id, { input: 1 }, key);
    const before = await countRows();
    const conflict = await start(id, { input: 2 }, key);
    expect([conflict.status, conflict.body.error.code]).toEqual([409, "idempotency_conflict"]);
    expect((await countRows()).executions).toBe(before.executions);
    const independent = [await start(other, { input: 2 }, key), await start(theirs, { input: 3 }, key, stranger)];
    expect(independent.map((answer) => answer.status)).toEqual([202, 202]);
    const ids = [first, ...independent].map((answer) => answer.body.executionId);
    expect(new Set(ids).size).toBe(3);
    expect((await start(id, { input: 1 }, key, stranger)).status).toBe(404);
  });

  test("a request that was refused does not use its key up", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const id = await createWorkflow(owner, ["a>b", "b>a"]);
    const key = { "Idempotency-Key": "again" };
    expect((await start(id, {}, key)).status).toBe(422);
    await owner.send("PUT", `/api/workflows/${id}`, definitionOf(["a"]));
    expect((await start(id, {}, key)).status).toBe(202);
  });

  test.each(["x".repeat(256), "with space", "tab\there"])("the key %j is refused", async (bad) => {
    const id = await createWorkflow(owner, ["a"]);
    const before = await countRows();
    const answer = await start(id, {}, { "Idempotency-Key": bad });
    expect([answer.status, paths(answer.body)]).toEqual([422, ["Idempotency-Key"]]);
    expect(await countRows()).toEqual(before);
  });
});

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

describe("cancelling and retrying", () => {
  test("a cancel answers at once with every step ended, only once, and the late answer changes nothing", async () => {
    const { calls, letGo } = heldModel();
    const executionId = await execute(owner, await createWorkflow(owner, ["a>b"]));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    const cancelled = await owner.send<ExecutionView & { steps: { status: string }[] }>(
      "POST",
      `/api/executions/${executionId}/cancel`,
    );
    expect(cancelled).toMatchObject({ status: 202, body: { id: executionId, status: "cancelled" } });
    expect(cancelled.body.steps.map((step) => step.status)).toEqual(["cancelled", "cancelled"]);
    letGo();
    const again = await owner.send<Refusal>("POST", `/api/executions/${executionId}/cancel`);
    expect([again.status, again.body.error.code]).toEqual([409, "execution_finished"]);
    expect(await ended(owner, executionId)).toMatchObject({ status: "cancelled", output: null });
  });

  test("of five cancels at once one cancels and four are told that it is over", async () => {
    const { letGo } = heldModel();
    const executionId = await execute(owner, await createWorkflow(owner, ["a"]));
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map(() => owner.send("POST", `/api/executions/${executionId}/cancel`)),
    );
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([202, 409, 409, 409, 409]);
    letGo();
  });

  test("a retry runs only what did not succeed, as a new execution that names the first", async () => {
    let broken = true;
    const calls = answerAsOpenAi(({ system }): ModelAnswer => {
      return system === "You are b." && broken ? { status: 400 } : { text: `said ${system}` };
    });
    const id = await createWorkflow(owner, ["a>b", "b>c"]);
    const executionId = await execute(owner, id, { input: "go" });
    expect(await ended(owner, executionId)).toMatchObject({ status: "failed", error: { nodeId: "b" } });
    broken = false;
    calls.length = 0;
    const retried = await owner.send<Started>(
      "POST",
      `/api/executions/${executionId}/retry`,
      {},
      { "Idempotency-Key": "r" },
    );
    expect(retried).toEqual({
      status: 202,
      headers: retried.headers,
      body: {
        executionId: expect.any(String),
        status: "queued",
        versionId: expect.any(String),
        reusedSteps: 1,
        savedCostNanoUsd: null,
      },
    });
    const twice = await owner.send("POST", `/api/executions/${executionId}/retry`, {}, { "Idempotency-Key": "r" });
    expect(twice.body).toEqual(retried.body);
    const second = await ended(owner, retried.body.executionId);
    expect(second).toMatchObject({
      status: "succeeded",
      input: "go",
      retryOf: executionId,
      trigger: { type: "retry", id: executionId },
      reusedSteps: 1,
      output: "said You are c.",
    });
    expect(second.steps.map((step) => step.reused)).toEqual([true, false, false]);
    expect(calls.map((call) => call.system)).toEqual(["You are b.", "You are c."]);
    const done = await owner.send<Refusal>("POST", `/api/executions/${second.id}/retry`);
    expect([done.status, done.body.error.code]).toEqual([409, "nothing_to_retry"]);
  });

  test("what is still running is not retried", async () => {
    const { letGo } = heldModel();
    const executionId = await execute(owner, await createWorkflow(owner, ["a"]));
    const answer = await owner.send<Refusal>("POST", `/api/executions/${executionId}/retry`);
    expect([answer.status, answer.body.error.code]).toEqual([409, "execution_running"]);
    letGo();
    await ended(owner, executionId);
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
