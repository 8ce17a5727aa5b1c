import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { explanationSchema, fallbackEventSchema, healthSchema } from "../../src/providers/inputs.ts";
import type { Account } from "../support/account.ts";
import { startTestInstance, type TestInstance } from "../support/instance.ts";
import { attemptsOf, createWorkflow, ended, execute, TARGETS } from "../support/workflows.ts";

/** Models of which the windows are known to differ: about 400,000, 200,000 and 1,000,000 tokens. */
const MEDIUM_WINDOW = { provider: "openai", model: "gpt-5.4-mini" };
const SMALL_WINDOW = { provider: "anthropic", model: "claude-haiku-4-5" };
const LARGE_WINDOW = { provider: "gemini", model: "gemini-2.5-flash" };
const [OPENAI] = TARGETS;

const STORM = { waves: 10, inParallel: 20, executions: 200, mostCalls: 40 };

let swarm: TestInstance;
/** New in each test, and with it the breakers, which are a workspace's own. */
let person: Account;
beforeAll(async () => {
  swarm = await startTestInstance();
});
beforeEach(async () => {
  swarm.providers.reset();
  person = await swarm.signUp();
});
afterAll(() => swarm?.stop());

/** A workflow of one agent. */
const workflowOf = (agent: object) =>
  createWorkflow(person, ["only"], { agents: { only: agent }, settings: { stepRetries: 0 } });

async function runOnce(agent: object) {
  const execution = await ended(person, await execute(person, await workflowOf(agent)));
  const [step] = execution.steps;
  if (!step) throw new Error("The execution has no step.");
  return { execution, step, attempts: await attemptsOf(person, execution.id) };
}

const fallbackTo = (targets: object[], over: object = {}) => ({ fallback: { targets, ...over } });

const callsTo = (provider: string) => swarm.providers.calls.filter((call) => call.provider === provider);

async function itemsOf<Schema extends z.ZodType>(schema: Schema, path: string): Promise<z.infer<Schema>[]> {
  const { status, body } = await person.request("GET", path);
  expect(status, JSON.stringify(body)).toBe(200);
  return z.object({ items: z.array(schema) }).parse(body).items;
}

async function explain(agent: object) {
  const { status, body } = await person.request("POST", "/api/route/explain", { agent });
  expect(status, JSON.stringify(body)).toBe(200);
  return explanationSchema.parse(body).targets;
}

async function unfinished(): Promise<number> {
  const items = await itemsOf(z.object({ status: z.string() }), "/api/executions?limit=200");
  return items.filter(({ status }) => status === "queued" || status === "running").length;
}

const healthOf = async (provider: string) =>
  (await itemsOf(healthSchema, "/api/providers/health")).find((health) => health.provider === provider);

test("an invalid OpenAI key: Anthropic answers, and event, attempts and log tell what happened without the key", async () => {
  const message = "Incorrect API key provided: sk-test-openai.";
  swarm.providers.on({ provider: "openai" }, { status: 401, errorType: "invalid_api_key", message });
  const planned = await explain(OPENAI);
  expect(planned.map(({ provider, eligible }) => `${provider} ${eligible}`)).toEqual([
    "openai true",
    "anthropic true",
    "gemini true",
  ]);

  const { execution, step, attempts } = await runOnce(OPENAI);

  expect(step).toMatchObject({ status: "succeeded", provider: "anthropic", fallbackUsed: true });
  expect(callsTo("openai")).toHaveLength(1);
  expect(callsTo("gemini")).toHaveLength(0);
  expect(attempts).toMatchObject([
    { n: 1, provider: "openai", status: "failed", errorKind: "auth", httpStatus: 401, reason: "the agent's own model" },
    { n: 2, provider: "anthropic", status: "succeeded", errorKind: null, httpStatus: 200 },
  ]);
  expect(attempts.map(({ model, reason }) => ({ model, reason }))).toEqual(
    planned.slice(0, 2).map(({ model, reason }) => ({ model, reason })),
  );
  const events = await itemsOf(fallbackEventSchema, "/api/fallback-events");
  expect(events).toMatchObject([
    {
      executionId: execution.id,
      nodeId: "only",
      fromProvider: "openai",
      fromModel: OPENAI.model,
      toProvider: "anthropic",
      toModel: step.model,
      reason: "auth",
      success: true,
    },
  ]);
  const logs = await person.request("GET", `/api/executions/${execution.id}/logs`);
  const hop = `openai ${OPENAI.model} was left for anthropic`;
  expect(logs.body).toMatchObject({
    items: [
      { level: "warn", message: expect.stringContaining(hop), data: { reason: "auth", success: true } },
      { level: "info", data: { inputTokens: 100, outputTokens: 20 } },
    ],
  });
  expect(swarm.logs.filter((line) => JSON.stringify(line).includes(hop))).toHaveLength(1);
  expect(JSON.stringify(swarm.logs)).toContain("Fallback");
  const said = JSON.stringify([execution, attempts, events, logs.body, swarm.logs]);
  expect(said).not.toContain("sk-test-openai");
});

test("a provider that fails for the whole of a storm is left alone, and every execution succeeds without it", async () => {
  swarm.providers.on({ provider: "openai" }, (_call, index) => ({ status: index % 2 === 0 ? 503 : 429 }));
  const workflowId = await workflowOf(OPENAI);
  for (let wave = 0; wave < STORM.waves; wave += 1) {
    const ids = await Promise.all(Array.from({ length: STORM.inParallel }, () => execute(person, workflowId)));
    for (const execution of await Promise.all(ids.map((id) => ended(person, id)))) {
      expect([execution.status, execution.steps[0]?.provider]).toEqual(["succeeded", "anthropic"]);
    }
  }

  expect(callsTo("openai").length).toBeLessThan(STORM.mostCalls);
  expect(callsTo("anthropic")).toHaveLength(STORM.executions);
  expect(await healthOf("openai")).toMatchObject({ state: "open", failureRate: 1, openUntil: expect.any(String) });
  expect(await healthOf("anthropic")).toMatchObject({ state: "closed", failureRate: 0 });
  const [first, second] = await explain(OPENAI);
  expect(first).toMatchObject({ provider: "openai", eligible: false, reason: expect.stringContaining("open until") });
  expect(second).toMatchObject({ provider: "anthropic", eligible: true });
  const passedOver = (await itemsOf(fallbackEventSchema, "/api/fallback-events?limit=200")).filter(
    (event) => event.reason === "breaker_open",
  );
  expect(passedOver.length).toBeGreaterThan(STORM.executions - STORM.mostCalls);

  swarm.providers.reset();
  const reset = await person.request("POST", "/api/providers/openai/reset");
  expect(reset).toMatchObject({ status: 200, body: { provider: "openai", state: "closed", openUntil: null } });
  expect((await runOnce(OPENAI)).step).toMatchObject({ provider: "openai", fallbackUsed: false });
});

test("two hundred at once do not all meet a provider that fails", async () => {
  swarm.providers.on({ provider: "openai" }, { status: 503 });
  const workflowId = await workflowOf(OPENAI);
  const ids = await Promise.all(Array.from({ length: STORM.executions }, () => execute(person, workflowId)));
  // One question for all: two hundred that ask for their own would keep the Worker from its work.
  await expect.poll(unfinished, { timeout: 60_000, interval: 1_000 }).toBe(0);
  for (const execution of await Promise.all(ids.map((id) => ended(person, id)))) {
    expect([execution.status, execution.steps[0]?.provider]).toEqual(["succeeded", "anthropic"]);
  }
  expect(callsTo("openai").length).toBeLessThan(STORM.mostCalls);
});

test("an input that is too long goes to the target with the larger window, past the smaller one", async () => {
  swarm.providers.on({ provider: "openai" }, { status: 400, errorType: "context_length_exceeded" });
  const { step, attempts } = await runOnce({ ...MEDIUM_WINDOW, ...fallbackTo([SMALL_WINDOW, LARGE_WINDOW]) });

  expect(step).toMatchObject({ status: "succeeded", provider: "gemini", fallbackUsed: true });
  expect(attempts.map(({ provider, errorKind }) => [provider, errorKind])).toEqual([
    ["openai", "context_length"],
    ["gemini", null],
  ]);
  expect(callsTo("anthropic")).toHaveLength(0);

  const without = await runOnce({ ...MEDIUM_WINDOW, ...fallbackTo([SMALL_WINDOW]) });
  expect(without.step).toMatchObject({ status: "failed", error: { code: "context_length" } });
});

test("a refusal for its content goes nowhere else, unless the agent lists its status", async () => {
  swarm.providers.on({ provider: "openai" }, { status: 400, errorType: "content_policy_violation" });
  const refused = await runOnce(OPENAI);
  expect(refused.step).toMatchObject({ status: "failed", error: { code: "content_policy" } });
  expect(refused.attempts).toHaveLength(1);
  expect(swarm.providers.calls).toHaveLength(1);

  const listed = await runOnce({ ...OPENAI, ...fallbackTo([], { on: { statusCodes: [400] } }) });
  expect(listed.step).toMatchObject({ status: "succeeded", provider: "anthropic" });
});

test("a model slower than the agent's threshold is left for the next, and what it used is counted once it is known", async () => {
  swarm.providers.on({ provider: "openai" }, { delayMs: 2_000, usage: { input: 70, output: 7 } });
  const { execution, step, attempts } = await runOnce({ ...OPENAI, ...fallbackTo([], { on: { latencyMs: 300 } }) });

  expect(step).toMatchObject({ status: "succeeded", provider: "anthropic", fallbackUsed: true });
  expect(execution.durationMs).toBeLessThan(2_000);
  expect(attempts).toMatchObject([
    { provider: "openai", status: "failed", errorKind: "latency", usage: null },
    { provider: "anthropic", status: "succeeded", usage: { inputTokens: 100 } },
  ]);
  await expect
    .poll(async () => (await attemptsOf(person, execution.id))[0]?.usage, { timeout: 10_000 })
    .toMatchObject({ inputTokens: 70, outputTokens: 7 });
  expect(await ended(person, execution.id)).toMatchObject({ inputTokens: 170, outputTokens: 27 });
  expect(await attemptsOf(person, execution.id)).toHaveLength(2);
});
