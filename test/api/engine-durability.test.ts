import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { cancelExecution } from "../../src/executions/cancel-execution.ts";
import {
  consumeDeadLetters,
  consumeSteps,
  type Engine,
  prune,
  startExecution,
  sweep,
} from "../../src/executions/index.ts";
import { HEARTBEAT_MS, LEASE_MS, MAX_LOSSES, SEND_GRACE_MS } from "../../src/executions/limits.ts";
import { listAttempts } from "../../src/executions/list-attempts.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { batchOf, ctxWith, resetBreaker, type TestEngine, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Options = Parameters<typeof createWorkflow>[2];

/** Starts an execution whose messages lie in `engine.sent`. */
async function start(engine: TestEngine, edges: readonly string[], options?: Options): Promise<string> {
  const workflowId = await createWorkflow(account, edges, options);
  const trigger = { type: "manual", id: null } as const;
  return (await startExecution(ctxWith(account, engine), engine, { workflowId, input: "go", trigger })).executionId;
}

function read(engine: TestEngine, executionId: string) {
  return getExecution(ctxWith(account, engine), engine, executionId);
}

async function attemptsOf(engine: TestEngine, executionId: string) {
  return (await listAttempts(ctxWith(account, engine), executionId, { limit: 200 })).items;
}

async function ledgerRows(executionId: string): Promise<number> {
  const row = await env.DB.prepare("SELECT count(*) AS n FROM execution_costs WHERE execution_id = ?")
    .bind(executionId)
    .first();
  return z.object({ n: z.number() }).parse(row).n;
}

const message = (executionId: string, nodeId: string) => ({ workspaceId: account.workspaceId, executionId, nodeId });

describe("deliveries", () => {
  test("a message delivered five times at once runs its step once", async () => {
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const id = await start(engine, ["a"]);
    await Promise.all(Array.from({ length: 5 }, () => engine.deliver(message(id, "a"))));
    expect(calls).toHaveLength(1);
    expect((await read(engine, id)).status).toBe("succeeded");
    expect(await ledgerRows(id)).toBe(1);
  });

  test("a message delivered again after the end changes nothing", async () => {
    const calls = answerAsOpenAi((_, count) => ({ text: `answer ${count}` }));
    const engine = testEngine();
    const id = await start(engine, ["a>b"]);
    await engine.drain();
    const before = await read(engine, id);
    for (const nodeId of ["b", "a", "b"]) expect(await engine.deliver(message(id, nodeId))).toBe(true);
    expect(await read(engine, id)).toEqual(before);
    expect(calls).toHaveLength(2);
  });

  test("a join's message that comes before its branches have ended does nothing", async () => {
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const id = await start(engine, ["a>c", "b>c"]);
    await engine.deliver(message(id, "c"));
    expect(calls).toHaveLength(0);
    await engine.drain();
    expect((await read(engine, id)).status).toBe("succeeded");
    expect(calls).toHaveLength(3);
  });

  test("branches that end at the same moment run their join once", async () => {
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const id = await start(engine, ["a>z", "b>z", "c>z", "d>z", "e>z"]);
    await Promise.all(engine.sent.splice(0).map(({ message: each }) => engine.deliver(each)));
    await engine.drain();
    expect(calls).toHaveLength(6);
    expect((await read(engine, id)).status).toBe("succeeded");
  });

  test("of a batch of ten the one that nobody understands comes again alone, and the nine are worked on", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const id = await start(engine, ["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
    const bodies: unknown[] = engine.sent.splice(0).map(({ message: each }) => each);
    const poisoned = 4;
    bodies.splice(poisoned, 0, { kind: "of another time" });
    const batch = batchOf(bodies);
    const all = [vi.spyOn(batch, "ackAll"), vi.spyOn(batch, "retryAll")];
    const acks = batch.messages.map((each) => vi.spyOn(each, "ack"));
    const retries = batch.messages.map((each) => vi.spyOn(each, "retry"));

    await consumeSteps(engine, batch);
    expect(acks.map((ack) => ack.mock.calls.length)).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1, 1]);
    expect(retries.map((retry) => retry.mock.calls.length)).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    for (const each of all) expect(each).not.toHaveBeenCalled();
    expect((await read(engine, id)).status).toBe("succeeded");
    expect(await ledgerRows(id)).toBe(9);
  });

  test("a message of an execution that is gone is acknowledged", async () => {
    const engine = testEngine();
    expect(await engine.deliver(message("00000000-0000-7000-8000-000000000000", "a"))).toBe(true);
  });
});

describe("crashes", () => {
  test("a crash between writing an execution and sending its first message is swept up", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const id = await start(engine, ["a>b"]);
    engine.sent.length = 0;
    await sweep(engine);
    expect(engine.sent).toEqual([]);
    engine.clock.advance(SEND_GRACE_MS + 1);
    await sweep(engine);
    expect(engine.sent.map((each) => each.message.nodeId)).toEqual(["a"]);
    await engine.drain();
    expect((await read(engine, id)).status).toBe("succeeded");
  });

  test("a crash between ending a step and sending for its successors is swept up", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const id = await start(engine, ["a>b", "a>c", "b>d", "c>d"]);
    await engine.deliver(message(id, "a"));
    engine.sent.length = 0;
    engine.clock.advance(SEND_GRACE_MS + 1);
    await sweep(engine);
    expect(engine.sent).toHaveLength(1);
    await engine.drain();
    expect((await read(engine, id)).status).toBe("succeeded");
  });

  test("two sweepers at once send one message, and the next only after twice the grace", async () => {
    const engine = testEngine();
    await start(engine, ["a"]);
    engine.sent.length = 0;
    engine.clock.advance(SEND_GRACE_MS + 1);
    await Promise.all([sweep(engine), sweep(engine)]);
    expect(engine.sent).toHaveLength(1);
    engine.clock.advance(SEND_GRACE_MS + 1);
    await sweep(engine);
    expect(engine.sent).toHaveLength(1);
    engine.clock.advance(SEND_GRACE_MS);
    await sweep(engine);
    expect(engine.sent).toHaveLength(2);
  });

  test("a consumer that dies mid-call loses its step to the next, and what it comes back with changes nothing", async () => {
    const hung = Promise.withResolvers<void>();
    const calls = answerAsOpenAi(async (_, count) => {
      if (count === 1) await hung.promise;
      return { text: `answer ${count}` };
    });
    const engine = testEngine({ every: () => () => undefined });
    const id = await start(engine, ["a>b"]);
    const first = engine.deliver(message(id, "a"));
    await vi.waitFor(() => expect(calls).toHaveLength(1));

    engine.sent.length = 0;
    engine.clock.advance(LEASE_MS + 1);
    await sweep(engine);
    await engine.drain();
    const finished = await read(engine, id);
    expect(finished.status).toBe("succeeded");
    expect(finished.steps[0]?.output).toBe("answer 2");

    hung.resolve();
    await first;
    const after = await read(engine, id);
    expect(after.steps).toMatchObject([
      { output: "answer 2", attempts: 2 },
      { output: "answer 3", attempts: 1 },
    ]);
    expect(after.status).toBe("succeeded");
    // The late call was made and is paid for: it counts, once.
    expect(await ledgerRows(id)).toBe(3);
    expect(after.inputTokens).toBe(30);
  });

  test("a step whose worker vanishes every time fails with worker_lost", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine({
      complete: () => {
        throw new Error("the isolate is gone");
      },
    });
    const id = await start(engine, ["a>b"]);
    for (let loss = 0; loss < MAX_LOSSES; loss += 1) {
      await engine.drain();
      engine.clock.advance(LEASE_MS + 1);
      await sweep(engine);
    }
    const execution = await read(engine, id);
    expect(execution.status).toBe("failed");
    expect(execution.error).toMatchObject({ code: "worker_lost", nodeId: "a" });
    expect(execution.steps.map((step) => step.status)).toEqual(["failed", "skipped"]);
  });

  test("a dead letter fails its step while nobody works on it, and leaves one that somebody works on", async () => {
    const hung = Promise.withResolvers<void>();
    answerAsOpenAi(async ({ system }) => {
      if (system === "You are b.") await hung.promise;
      return { text: "ok" };
    });
    const engine = testEngine();
    const id = await start(engine, ["a", "b"]);
    const working = engine.deliver(message(id, "b"));
    await vi.waitFor(async () => expect((await read(engine, id)).steps[1]?.status).toBe("running"));
    await consumeDeadLetters(engine, batchOf([message(id, "a"), message(id, "b")]));
    expect((await read(engine, id)).steps.map((step) => step.status)).toEqual(["failed", "running"]);
    hung.resolve();
    await working;
    const execution = await read(engine, id);
    expect(execution.status).toBe("failed");
    expect(execution.error).toMatchObject({ code: "dead_letter", nodeId: "a" });
    expect(execution.steps[1]?.status).toBe("succeeded");
  });
});

describe("failures of a provider", () => {
  test("a passing failure is tried again with a growing delay over the queue", async () => {
    answerAsOpenAi((_, count) => (count < 3 ? { status: 500 } : { text: "ok" }));
    const engine = testEngine();
    const id = await start(engine, ["a"]);
    await engine.deliver(engine.sent.shift()?.message ?? message(id, "a"));
    expect(engine.sent).toMatchObject([{ delaySeconds: 1 }]);
    expect(await engine.deliver(message(id, "a"))).toBe(true);
    expect((await read(engine, id)).steps[0]).toMatchObject({ status: "ready", attempts: 1 });

    engine.clock.advance(1_000);
    await engine.deliver(message(id, "a"));
    expect(engine.sent.at(-1)?.delaySeconds).toBe(2);
    engine.clock.advance(2_000);
    await engine.deliver(message(id, "a"));
    expect((await read(engine, id)).steps[0]).toMatchObject({ status: "succeeded", attempts: 3 });
    const attempts = await attemptsOf(engine, id);
    expect(attempts.map(({ n, status, errorKind, httpStatus }) => ({ n, status, errorKind, httpStatus }))).toEqual([
      { n: 1, status: "failed", errorKind: "server", httpStatus: 500 },
      { n: 2, status: "failed", errorKind: "server", httpStatus: 500 },
      { n: 3, status: "succeeded", errorKind: null, httpStatus: 200 },
    ]);
    expect(attempts[1]?.waitMs).toBeGreaterThanOrEqual(1_000);
  });

  test("a provider's Retry-After is waited for", async () => {
    answerAsOpenAi((_, count) => (count === 1 ? { status: 429, headers: { "retry-after": "40" } } : { text: "ok" }));
    const engine = testEngine();
    const id = await start(engine, ["a"]);
    await engine.deliver(message(id, "a"));
    const delaySeconds = engine.sent.at(-1)?.delaySeconds ?? 0;
    expect(delaySeconds).toBeGreaterThanOrEqual(40);
    expect(delaySeconds).toBeLessThan(50);
    await resetBreaker(engine, account);
  });

  test("retries end with stepRetries, and the step fails with the provider's error", async () => {
    const calls = answerAsOpenAi(() => ({ status: 500 }));
    const engine = testEngine();
    const id = await start(engine, ["a"], { settings: { stepRetries: 1 } });
    await engine.drain();
    expect(calls).toHaveLength(2);
    expect((await read(engine, id)).error).toMatchObject({ code: "server", nodeId: "a" });
  });

  test("a caller's own mistake is not sent twice", async () => {
    const calls = answerAsOpenAi(() => ({ status: 400 }));
    const engine = testEngine();
    const id = await start(engine, ["a"]);
    await engine.drain();
    expect(calls).toHaveLength(1);
    expect((await read(engine, id)).status).toBe("failed");
  });
});

describe("time", () => {
  test("an execution that takes too long fails at its deadline, whatever its steps do", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const id = await start(engine, ["a>b"], { settings: { timeoutSeconds: 60 } });
    engine.clock.advance(60_001);
    await engine.drain();
    await sweep(engine);
    const execution = await read(engine, id);
    expect(execution.status).toBe("failed");
    expect(execution.error?.code).toBe("execution_timeout");
    expect(execution.steps.map((step) => step.status)).toEqual(["cancelled", "cancelled"]);
  });

  test("an execution that succeeded is not reported otherwise after its deadline", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const id = await start(engine, ["a"], { settings: { timeoutSeconds: 60 } });
    await engine.drain();
    const before = await read(engine, id);
    engine.clock.advance(3_600_000);
    await sweep(engine);
    await consumeDeadLetters(engine, batchOf([message(id, "a")]));
    await expect(cancelExecution(ctxWith(account, engine), engine, id)).rejects.toMatchObject({
      code: "execution_finished",
    });
    expect(await read(engine, id)).toEqual(before);
  });
});

describe("cancelling", () => {
  test("a cancel reaches a call in flight: the next heartbeat aborts it", async () => {
    const beats: (() => Promise<void>)[] = [];
    const every: Engine["every"] = (ms, callback) => {
      expect(ms).toBe(HEARTBEAT_MS);
      beats.push(callback);
      return () => undefined;
    };
    const aborted = Promise.withResolvers<void>();
    const fetching = Promise.withResolvers<void>();
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const { signal } = new Request(input, init);
      fetching.resolve();
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      aborted.resolve();
      throw new DOMException("aborted", "AbortError");
    });
    const engine = testEngine({ every });
    const id = await start(engine, ["a>b"]);
    const working = engine.deliver(message(id, "a"));
    await fetching.promise;
    await beats[0]?.();
    await cancelExecution(ctxWith(account, engine), engine, id);
    await beats[0]?.();
    await aborted.promise;
    expect(await working).toBe(true);
    const execution = await read(engine, id);
    expect(execution.status).toBe("cancelled");
    expect(execution.steps.map((step) => step.status)).toEqual(["cancelled", "cancelled"]);
    expect(await attemptsOf(engine, id)).toMatchObject([{ errorKind: "cancelled" }]);
  });

  test("a cancelled execution is not taken up by messages that are still under way", async () => {
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const engine = testEngine();
    const id = await start(engine, ["a>b"]);
    await cancelExecution(ctxWith(account, engine), engine, id);
    await engine.drain();
    expect(calls).toHaveLength(0);
    await expect(cancelExecution(ctxWith(account, engine), engine, id)).rejects.toMatchObject({
      code: "execution_finished",
    });
  });
});

describe("large outputs", () => {
  test("an output over 256 KB lies in R2, reaches the next step whole, and goes with its workflow", async () => {
    const large = "ä".repeat(200_000);
    const calls = answerAsOpenAi(({ system }) => ({ text: system === "You are a." ? large : "read" }));
    const engine = testEngine();
    const workflowId = await createWorkflow(account, ["a>b"]);
    const trigger = { type: "manual", id: null } as const;
    const ctx = ctxWith(account, engine);
    const { executionId } = await startExecution(ctx, engine, { workflowId, input: "go", trigger });
    await engine.drain();
    expect(calls[1]?.prompt).toBe(large);
    expect((await read(engine, executionId)).steps[0]?.output).toBe(large);
    expect((await env.OUTPUTS.list()).objects).toHaveLength(1);

    await account.send("DELETE", `/api/workflows/${workflowId}`);
    await prune(engine);
    expect((await env.OUTPUTS.list()).objects).toHaveLength(0);
  });
});
