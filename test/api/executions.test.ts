import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startExecution } from "../../src/executions/index.ts";
import type { ExecutionView } from "../../src/executions/inputs.ts";
import worker from "../../src/index.ts";
import { type Account, ctxOf, joinAs, ORIGIN, readAnswer, signUp } from "../worker/accounts.ts";
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
      imported: false,
      unpricedCalls: 0,
      createdAt: expect.stringMatching(ISO),
      startedAt: expect.stringMatching(ISO),
      completedAt: expect.stringMatching(ISO),
      durationMs: expect.any(Number),
      inputTokens: 14,
      outputTokens: 6,
      costNanoUsd: 15_200,
      costUsd: "0.0000152",
      input: { topic: "bees" },
      output: "said You are b.",
      outputTruncated: false,
      error: null,
      steps: ["a", "b"].map((nodeId) => ({
        nodeId,
        agentId: `agent-${nodeId}`,
        name: nodeId.toUpperCase(),
        status: "succeeded",
        attempts: 1,
        output: `said You are ${nodeId}.`,
        outputTruncated: false,
        error: null,
        provider: "openai",
        model: "gpt-4.1-mini",
        fallbackUsed: false,
        edgesTaken: nodeId === "a" ? [expect.any(String)] : [],
        reused: false,
        inputTokens: 7,
        outputTokens: 3,
        costNanoUsd: 7_600,
        costUsd: "0.0000076",
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
        savedCostNanoUsd: 12_000,
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
