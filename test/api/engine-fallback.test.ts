import { env } from "cloudflare:workers";
import { beforeEach, expect, test, vi } from "vitest";
import { type Engine, startExecution, sweep } from "../../src/executions/index.ts";
import { LEASE_MS } from "../../src/executions/limits.ts";
import { listAttempts } from "../../src/executions/list-attempts.ts";
import { listLogs } from "../../src/executions/list-logs.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { type Completion, type ErrorKind, ProviderError, type ProviderName } from "../../src/providers/index.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, type TestEngine, testEngine } from "../worker/engine.ts";
import { createWorkflow } from "../worker/workflows.ts";

const USAGE = { cachedInputTokens: 0, cacheWriteTokens: 0, cacheWrite1hTokens: 0, reasoningTokens: 0 };
const ANTHROPIC = { provider: "anthropic", model: "claude-haiku-4-5" };

/** New in each test, and with it the breakers, which are a workspace's own. */
let account: Account;
beforeEach(async () => {
  account = await signUp(`Olga ${crypto.randomUUID()}`);
});

type Answer =
  | { text: string; inputTokens?: number }
  | { fails: ErrorKind; retryAfterMs?: number; inputTokens?: number };

/** An engine whose providers all have a key and do what the test says, and the calls that they got. */
function engineOf(
  answer: (provider: ProviderName, count: number) => Answer | Promise<Answer>,
  over: Partial<Engine> = {},
) {
  const calls: ProviderName[] = [];
  const complete = async (provider: ProviderName, { model }: { model: string }): Promise<Completion> => {
    calls.push(provider);
    const reply = await answer(provider, calls.length);
    const { inputTokens } = reply;
    const usage = inputTokens === undefined ? null : { ...USAGE, inputTokens, outputTokens: 1 };
    if ("text" in reply) return { text: reply.text, model, finishReason: "stop", usage, latencyMs: 1 };
    const { fails, retryAfterMs = null } = reply;
    throw new ProviderError(fails, `It says: ${fails}, and the prompt`, {
      ...{ httpStatus: 400, retryAfterMs, usage, model, latencyMs: 1 },
    });
  };
  const providerKey = async () => ({ apiKey: "k", baseUrl: null, credential: "environment" });
  return { calls, engine: testEngine({ complete, providerKey, ...over }) };
}

async function start(engine: TestEngine, fallback: object, settings: object = {}): Promise<string> {
  const workflowId = await createWorkflow(account, ["a"], { agents: { a: { fallback } }, settings });
  const trigger = { type: "manual", id: null } as const;
  return (await startExecution(ctxWith(account, engine), engine, { workflowId, input: "go", trigger })).executionId;
}

const read = (engine: TestEngine, id: string) => getExecution(ctxWith(account, engine), engine, id);
const attemptsOf = async (engine: TestEngine, id: string) =>
  (await listAttempts(ctxWith(account, engine), id, { limit: 200 })).items;
const logOf = async (engine: TestEngine, id: string) =>
  (await listLogs(ctxWith(account, engine), id, { limit: 200 })).items;

async function deliverNext(engine: TestEngine): Promise<void> {
  const next = engine.sent.shift();
  if (next === undefined) throw new Error("Nothing was sent.");
  engine.clock.advance(next.delaySeconds * 1_000);
  await engine.deliver(next.message);
}

test("a Retry-After of the first target is waited for although the second refused for good", async () => {
  const { engine, calls } = engineOf((provider) =>
    provider === "openai" ? { fails: "rate_limit", retryAfterMs: 20_000 } : { fails: "auth" },
  );
  await start(engine, { targets: [ANTHROPIC] });
  await deliverNext(engine);
  expect(calls).toEqual(["openai", "anthropic"]);
  expect(engine.sent).toHaveLength(1);
  expect(engine.sent[0]?.delaySeconds).toBeGreaterThanOrEqual(20);
});

test("a wait that does not fit the chain's deadline is not begun, and the provider's error is told", async () => {
  const { engine, calls } = engineOf(() => ({ fails: "rate_limit", retryAfterMs: 8_000 }));
  const id = await start(engine, { enabled: false, deadlineMs: 3_000 });
  await engine.drain();
  expect(calls).toHaveLength(1);
  expect(await read(engine, id)).toMatchObject({ status: "failed", steps: [{ error: { code: "rate_limit" } }] });
});

test("a step whose worker vanished has its chain's whole time again", async () => {
  const { engine } = engineOf((_, count) => {
    if (count === 1) throw new Error("the isolate is gone");
    return { text: "ok" };
  });
  const id = await start(engine, { enabled: false, deadlineMs: 40_000 });
  await engine.drain();
  engine.clock.advance(LEASE_MS + 60_000);
  await sweep(engine);
  await engine.drain();
  expect((await read(engine, id)).steps).toMatchObject([{ status: "succeeded", output: "ok" }]);
});

test("what a call used is written while the next one is under way, and counted once", async () => {
  const hung = Promise.withResolvers<void>();
  const { engine, calls } = engineOf(async (provider) => {
    if (provider === "openai") return { fails: "malformed", inputTokens: 70 };
    await hung.promise;
    return { text: "ok", inputTokens: 30 };
  });
  const id = await start(engine, { targets: [ANTHROPIC] });
  const working = deliverNext(engine);
  await vi.waitFor(() => expect(calls).toHaveLength(2));
  expect(await attemptsOf(engine, id)).toMatchObject([{ n: 1, errorKind: "malformed", usage: { inputTokens: 70 } }]);
  expect(await read(engine, id)).toMatchObject({ status: "running", inputTokens: 70 });
  hung.resolve();
  await working;
  expect(await attemptsOf(engine, id)).toHaveLength(2);
  expect(await read(engine, id)).toMatchObject({ status: "succeeded", inputTokens: 100 });
});

test("an answer that cannot be stored is paid for all the same", async () => {
  const large = "x".repeat(300 * 1_024);
  const base = testEngine().outputs;
  const put = () => Promise.reject(new Error("R2 is away"));
  const { engine } = engineOf(() => ({ text: large, inputTokens: 30 }), { outputs: { ...base, put } });
  const id = await start(engine, { enabled: false });
  await deliverNext(engine);
  expect(await attemptsOf(engine, id)).toMatchObject([{ status: "succeeded", usage: { inputTokens: 30 } }]);
});

test("a run that found every target closed off uses up no retry", async () => {
  const { engine, calls } = engineOf(() => ({ fails: "rate_limit", retryAfterMs: 30_000 }));
  await start(engine, { enabled: false });
  await deliverNext(engine);
  const waiting = await start(engine, { enabled: false }, { stepRetries: 0 });
  const [, message] = engine.sent.splice(0, 2);
  if (!message) throw new Error("Nothing was sent.");
  await engine.deliver(message.message);
  expect(calls).toHaveLength(1);
  expect(await attemptsOf(engine, waiting)).toEqual([]);
  const row = await env.DB.prepare("SELECT status, retries FROM steps WHERE execution_id = ?").bind(waiting).first();
  expect(row).toEqual({ status: "ready", retries: 0 });
  expect((await logOf(engine, waiting))[0]?.message).toMatch(/no target is open \(rate_limit\). Trying again in \d+/);

  engine.sent.length = 0;
  // Where it does not fit the deadline it fails, and says when the provider may be asked again.
  const hasty = await start(engine, { enabled: false, deadlineMs: 5_000 });
  await engine.drain();
  expect((await read(engine, hasty)).steps).toMatchObject([
    { status: "failed", error: { code: "rate_limit", message: expect.stringMatching(/asked again at \d{4}-.*Z/) } },
  ]);
});

test("the log tells each fallback and the last call's tokens, and nothing that a provider said", async () => {
  const told: string[] = [];
  const log = {
    log: (level: string, component: string, message: string) => told.push(`${level} ${component} ${message}`),
  };
  const { engine } = engineOf(
    (provider) => (provider === "openai" ? { fails: "invalid_request" } : { text: "ok", inputTokens: 30 }),
    { log },
  );
  const id = await start(engine, { targets: [ANTHROPIC] });
  await engine.drain();
  const lines = await logOf(engine, id);
  const hop = "openai gpt-4.1-mini was left for anthropic claude-haiku-4-5: invalid_request";
  expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    `warn A: ${hop}`,
    expect.stringContaining("info A succeeded"),
  ]);
  expect(lines[1]?.data).toMatchObject({ inputTokens: 30, outputTokens: 1 });
  expect(told).toContain(`warn Fallback ${hop}`);

  const failed = await start(engine, { enabled: false });
  await engine.drain();
  expect((await read(engine, failed)).steps[0]?.error?.message).toContain("It says");
  const text = JSON.stringify([await logOf(engine, failed), told]);
  expect(text).toContain("openai gpt-4.1-mini failed with invalid_request (HTTP 400)");
  expect(text).not.toContain("It says");
});

test("a step that waits for a place under maxParallel keeps its chain's time for when it has one", async () => {
  const { engine } = engineOf(async (provider, count) => {
    if (count === 1) return { fails: "server" };
    if (provider === "anthropic") {
      engine.clock.advance(25_000);
      // Due again, and there is no place for it as long as the other step is worked on.
      const back = engine.sent.find(({ delaySeconds }) => delaySeconds > 0);
      if (!back) throw new Error("Nothing was put back.");
      await engine.deliver(back.message);
      engine.clock.advance(35_000);
    }
    return { text: "ok" };
  });
  const fallback = { enabled: false, deadlineMs: 40_000 };
  const agents = { a: { fallback }, b: { ...ANTHROPIC, fallback } };
  const workflowId = await createWorkflow(account, ["a", "b"], { agents, settings: { maxParallel: 1 } });
  const trigger = { type: "manual", id: null } as const;
  const started = await startExecution(ctxWith(account, engine), engine, { workflowId, input: "go", trigger });
  await engine.drain();
  const { steps } = await read(engine, started.executionId);
  expect(steps.map(({ nodeId, status }) => [nodeId, status])).toEqual([
    ["a", "succeeded"],
    ["b", "succeeded"],
  ]);
});

test("a step whose time is over before it can call again fails with what went wrong, and not with the time", async () => {
  let slowBy = 0;
  const { engine, calls } = engineOf(() => ({ fails: "server" }), {
    providerKey: async () => {
      engine.clock.advance(slowBy);
      return { apiKey: "k", baseUrl: null, credential: "environment" };
    },
  });
  const id = await start(engine, { enabled: false, deadlineMs: 40_000 });
  await deliverNext(engine);
  slowBy = 60_000;
  await engine.drain();
  expect(calls).toHaveLength(1);
  expect((await read(engine, id)).steps).toMatchObject([
    { status: "failed", error: { code: "server", message: expect.stringContaining("Raise deadlineMs") } },
  ]);
});
