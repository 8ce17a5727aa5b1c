import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { COMPONENTS } from "../../src/core/log.ts";
import worker from "../../src/index.ts";
import { type Account, ORIGIN, signUp } from "../worker/accounts.ts";
import { testEngine } from "../worker/engine.ts";
import { settled } from "../worker/executions.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { runOnce } from "../worker/run-once.ts";
import { createWebhook } from "../worker/webhooks.ts";
import { createWorkflow } from "../worker/workflows.ts";

const lineSchema = z.looseObject({
  level: z.enum(["debug", "info", "warn", "error"]),
  component: z.enum(COMPONENTS),
  message: z.string().min(1),
  requestId: z.string().min(1),
  executionId: z.string().nullish(),
});

/** Everything that is written to the console must be such a line. */
let written: z.infer<typeof lineSchema>[];
let text: string;
let account: Account;

beforeEach(async () => {
  account = await signUp();
  written = [];
  text = "";
  for (const level of ["debug", "info", "log", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((...args) => {
      const line = args.join(" ");
      text += line;
      written.push(lineSchema.parse(JSON.parse(line)));
    });
  }
});
afterEach(async () => {
  vi.restoreAllMocks();
  await settled();
});

/** A request to a Worker that tells of everything. */
async function answered(path: string, init: RequestInit = {}) {
  const context = createExecutionContext();
  const request = new Request(`${ORIGIN}${path}`, { ...init, headers: { Cookie: account.cookie, Origin: ORIGIN } });
  const response = await worker.fetch(request, { ...env, LOG_SAMPLE_PERCENT: "100" }, context);
  await response.arrayBuffer();
  await waitOnExecutionContext(context);
  return response;
}

test("a request and the execution that it starts are told of under one id", async () => {
  answerAsOpenAi(() => ({ text: "ok" }));
  const workflowId = await createWorkflow(account, ["a"], { settings: { stepRetries: 0 } });
  const response = await answered(`/api/workflows/${workflowId}/execute`, { method: "POST", body: "{}" });
  expect(response.status).toBe(202);
  const requestId = response.headers.get("X-Request-Id");
  expect(written.filter((line) => line.requestId === requestId)).toMatchObject([
    {
      level: "debug",
      component: "Engine",
      message: "execution started",
      executionId: expect.any(String),
      trigger: "manual",
    },
    { level: "debug", component: "Api", message: "answered", method: "POST", status: 202 },
  ]);
});

test("a webhook's call is told of without the secret of its address", async () => {
  answerAsOpenAi(() => ({ text: "ok" }));
  const hook = await createWebhook(account, await createWorkflow(account, ["a"]));
  const { pathname } = new URL(hook.webhookUrl);
  expect((await answered(pathname, { method: "POST", body: "{}" })).status).toBe(202);
  expect(written.map(({ component, message }) => `${component} ${message}`)).toEqual(
    expect.arrayContaining(["Webhook started", "Api answered"]),
  );
  expect(written.find(({ component }) => component === "Webhook")?.executionId).toEqual(expect.any(String));
  expect(text).toContain("/api/webhooks/trigger/…");
  expect(text).not.toContain(hook.secretKey);
});

test("the page of an invitation, whose address holds its secret, is answered and not told of", async () => {
  await answered("/invite/a-secret-of-an-invitation");
  expect(text).toBe("");
});

test("a failed execution and a call without a price are told of whatever is sampled", async () => {
  answerAsOpenAi(({ system }) => (system === "You are b." ? { status: 400 } : { text: "ok" }));
  const options = { settings: { stepRetries: 0 }, agents: { a: { model: "a-model-that-nobody-knows" } } };
  const { executionId } = await runOnce(account, testEngine(), ["a>b"], options);
  expect(written.filter((line) => line.executionId === executionId)).toMatchObject([
    { level: "warn", component: "CostTracker", message: "a call stays unpriced: its model has no price", nodeId: "a" },
    { level: "info", component: "Engine", message: "execution failed" },
  ]);
});

test("all lines of one cron run have the same id", async () => {
  const failing = new Proxy(env.OUTPUTS, {
    get() {
      throw new Error("R2 is gone");
    },
  });
  await env.DB.prepare("INSERT INTO orphaned_outputs (output_key, created_at) VALUES ('k', 0)").run();
  const context = createExecutionContext();
  const run = worker.scheduled(createScheduledController(), { ...env, OUTPUTS: failing }, context);
  await expect(run).rejects.toThrow();
  await waitOnExecutionContext(context);
  expect(written).toMatchObject([{ level: "error", component: "Cron", task: "prune", requestId: expect.any(String) }]);
  await env.DB.prepare("DELETE FROM orphaned_outputs").run();
});
