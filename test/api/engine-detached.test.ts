import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { openDb } from "../../src/db/client.ts";
import { consumeDetached, consumeSteps, type Engine, startExecution } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { batchOf, ctxWith, type TestEngine, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { createWorkflow } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Starts a one-step execution whose message lies in `engine.sent`. */
async function start(engine: TestEngine): Promise<string> {
  const workflowId = await createWorkflow(account, ["a"]);
  const trigger = { type: "manual", id: null } as const;
  return (await startExecution(ctxWith(account, engine), engine, { workflowId, input: "go", trigger })).executionId;
}

/** A batch of those bodies, telling whether it was acknowledged as a whole. */
function detachedBatch(bodies: readonly unknown[]) {
  const state = { acknowledged: false };
  const refuse = () => {
    throw new Error("an acknowledged message can neither be acknowledged nor retried");
  };
  const batch: MessageBatch<unknown> = {
    queue: "executions",
    metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } },
    messages: bodies.map((body, index) => ({
      id: `m${index}`,
      timestamp: new Date(0),
      body,
      attempts: 1,
      ack: refuse,
      retry: refuse,
    })),
    ackAll: () => {
      state.acknowledged = true;
    },
    retryAll: refuse,
  };
  return { batch, state };
}

const failing = new Proxy(env.DB, {
  get() {
    throw new Error("the database fell down");
  },
});

/** Hands bodies to the detached consumer and waits for the work that it leaves behind. */
async function work(engine: Engine, bodies: readonly unknown[]): Promise<void> {
  const works: Promise<unknown>[] = [];
  consumeDetached(
    () => ({ ...engine, db: openDb(env.DB) }),
    detachedBatch(bodies).batch,
    (promise) => works.push(promise),
  );
  await Promise.all(works);
}

test("a batch is acknowledged before a model has answered, and its step ends all the same", async () => {
  const gate = Promise.withResolvers<void>();
  const model = answerAsOpenAi(() => ({ text: "ok" }));
  const engine = testEngine();
  const { complete } = engine;
  const slow: Engine = {
    ...engine,
    complete: async (...call) => {
      await gate.promise;
      return complete(...call);
    },
  };
  const id = await start(engine);
  const works: Promise<unknown>[] = [];
  const { batch, state } = detachedBatch(engine.sent.map(({ message }) => message));

  consumeDetached(
    () => slow,
    batch,
    (promise) => works.push(promise),
  );
  expect(state.acknowledged).toBe(true);
  expect(works).toHaveLength(1);
  expect(model).toHaveLength(0);

  gate.resolve();
  await Promise.all(works);
  expect((await getExecution(ctxWith(account, engine), engine, id)).status).toBe("succeeded");
});

test("each message gets an engine of its own, so that one chain's queries do not use up another's budget", async () => {
  answerAsOpenAi(() => ({ text: "ok" }));
  const engine = testEngine();
  await start(engine);
  await start(engine);
  const opened: Engine[] = [];
  const works: Promise<unknown>[] = [];
  consumeDetached(
    () => {
      const own = { ...engine, db: openDb(env.DB) };
      opened.push(own);
      return own;
    },
    detachedBatch(engine.sent.map(({ message }) => message)).batch,
    (promise) => works.push(promise),
  );
  await Promise.all(works);

  const [first, second] = opened.map(({ db }) => db.usage.queries);
  expect(opened).toHaveLength(2);
  expect(first).toBeGreaterThan(0);
  expect(second).toBe(first);
});

test("a message whose handling crashes is sent again five seconds later, and then ends its step", async () => {
  answerAsOpenAi(() => ({ text: "ok" }));
  const engine = testEngine();
  const id = await start(engine);
  const [first] = engine.sent.splice(0);
  const logged: unknown[] = [];
  const broken: Engine = {
    ...engine,
    log: { log: (level, _, message, fields) => logged.push([level, message, fields]) },
    clock: {
      now: () => {
        throw new Error("the clock fell down");
      },
    },
  };

  const { promise, resolve } = Promise.withResolvers<unknown>();
  consumeDetached(() => broken, detachedBatch([first?.message]).batch, resolve);
  await promise;
  const about = { executionId: id, nodeId: first?.message.nodeId, queue: "executions" };
  expect(logged).toEqual([["error", "message m0 failed: the clock fell down", about]]);
  await consumeSteps({ ...broken, clock: engine.clock, db: openDb(failing) }, batchOf([first?.message]));
  expect(logged.at(-1)).toMatchObject(["error", expect.stringContaining("the database fell down"), about]);
  expect(engine.sent).toEqual([{ message: first?.message, delaySeconds: 5 }]);

  await work(
    engine,
    engine.sent.map(({ message }) => message),
  );
  expect((await getExecution(ctxWith(account, engine), engine, id)).status).toBe("succeeded");
});

test("a message that names no step is logged, not sent again, and keeps no other from being worked on", async () => {
  answerAsOpenAi(() => ({ text: "ok" }));
  const logged: string[] = [];
  const engine = testEngine({ log: { log: (level, _, message) => logged.push(`${level}: ${message}`) } });
  const id = await start(engine);
  const [sent] = engine.sent.splice(0);

  await work(engine, [{ hello: "world" }, sent?.message]);

  expect(logged.filter((line) => !line.startsWith("debug"))).toEqual([
    expect.stringContaining("error: message m0 names no step"),
  ]);
  expect(engine.sent).toEqual([]);
  expect((await getExecution(ctxWith(account, engine), engine, id)).status).toBe("succeeded");
});
