import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { callsSchema, webhookSchema } from "../../src/webhooks/inputs.ts";
import { type Account, answerOf } from "../support/account.ts";
import { startTestInstance, type TestInstance } from "../support/instance.ts";
import { createWorkflow, ended } from "../support/workflows.ts";

let swarm: TestInstance;
let person: Account;
beforeAll(async () => {
  swarm = await startTestInstance();
  person = await swarm.signUp();
});
afterAll(() => swarm?.stop());

const answeredSchema = z.looseObject({ success: z.boolean(), executionId: z.string().optional() });

/** A webhook of a new workflow of one agent, as its editor is shown it. */
async function webhook(body: object = {}): Promise<{ id: string; workflowId: string; url: string; secret: string }> {
  const workflowId = await createWorkflow(person, ["a"], { agents: { a: { prompt: "{{input}}" } } });
  const answer = await person.request("POST", `/api/workflows/${workflowId}/webhooks`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  const { id, webhookUrl, secretKey } = webhookSchema.parse(answer.body);
  return { id, workflowId, url: webhookUrl ?? "", secret: secretKey ?? "" };
}

/** A call by somebody who knows the address and nothing else. */
async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await answerOf(await fetch(url, { method: "POST", body: text, headers }));
  return { status: answer.status, headers: answer.headers, body: answeredSchema.parse(answer.body) };
}

/** The webhook's last calls, once there are so many: they are written down up to a second behind the answer. */
async function callsOf(id: string, count: number) {
  return vi.waitFor(
    async () => {
      const { items } = callsSchema.parse((await person.request("GET", `/api/webhooks/${id}/calls`)).body);
      expect(items.length).toBe(count);
      return items;
    },
    { timeout: 10_000, interval: 100 },
  );
}

async function countOf(workflowId: string): Promise<number> {
  const rows = await swarm.query("SELECT count(*) AS n FROM executions WHERE workflow_id = ?", workflowId);
  return Number(rows[0]?.n);
}

test("a webhook is created, its URL copied and called, and the execution starts and leaves its log", async () => {
  const hook = await webhook();
  const { status, body } = await post(
    hook.url,
    { key: "value", data: "payload" },
    { "Content-Type": "application/json" },
  );
  expect([status, body]).toEqual([202, { success: true, executionId: expect.any(String) }]);
  const execution = await ended(person, body.executionId ?? "");
  expect(execution).toMatchObject({
    status: "succeeded",
    trigger: { type: "webhook", id: hook.id },
    input: { key: "value", data: "payload" },
  });
  const logs = await person.request("GET", `/api/executions/${execution.id}/logs`);
  expect(JSON.stringify(logs.body)).toContain("succeeded");
  expect(await callsOf(hook.id, 1)).toMatchObject([{ outcome: "started", executionId: execution.id }]);
});

test("a signed call is let in, and the same body with another signature, or re-serialised, is refused and seen", async () => {
  const secret = "It's a Secret to Everybody";
  const hook = await webhook({
    signature: { scheme: "github", secret },
    payloadTransformer: { "title!": "issue.title" },
  });
  const body = '{"action": "opened", "issue": {"title": "Caf\\u00e9"}}';
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  const headers = { "X-GitHub-Event": "issues", "X-GitHub-Delivery": "72d3162e", "X-Hub-Signature-256": signature };
  const started = await post(hook.url, body, headers);
  expect(started.status).toBe(202);
  expect((await ended(person, started.body.executionId ?? "")).input).toEqual({ title: "Café" });
  expect((await post(hook.url, JSON.stringify(JSON.parse(body)), headers)).status).toBe(401);
  expect((await post(hook.url, body, { ...headers, "X-Hub-Signature-256": signature.replace(/.$/, "x") })).status).toBe(
    401,
  );
  const calls = await callsOf(hook.id, 3);
  expect(calls.map(({ failedCheck, payloadPreview }) => [failedCheck, payloadPreview])).toEqual([
    ["signature_malformed", null],
    ["signature_mismatch", null],
    [null, expect.stringContaining("opened")],
  ]);
});

test("fifty copies of one delivery at once start one execution", async () => {
  const hook = await webhook();
  const headers = { "webhook-id": "msg_1" };
  const answers = await Promise.all(Array.from({ length: 50 }, () => post(hook.url, { n: 1 }, headers)));
  expect(new Set(answers.map(({ body }) => body.executionId)).size).toBe(1);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(49).fill(200), 202]);
  expect(await countOf(hook.workflowId)).toBe(1);
});

test("a burst of 120 calls at the limit of 100 an hour starts exactly 100", async () => {
  const hook = await webhook();
  const answers = await Promise.all(Array.from({ length: 120 }, (_, n) => post(hook.url, { n })));
  const admitted = answers.filter(({ status }) => status === 202);
  const limited = answers.filter(({ status }) => status === 429);
  expect([admitted.length, limited.length]).toEqual([100, 20]);
  expect(limited.every(({ headers }) => Number(headers.get("Retry-After")) > 3_500)).toBe(true);
  expect(await countOf(hook.workflowId)).toBe(100);
  await ended(person, admitted.at(-1)?.body.executionId ?? "", 60_000);
});

test("after a regeneration the old address works for its grace and no longer", async () => {
  const hook = await webhook();
  const answer = await person.request("POST", `/api/webhooks/${hook.id}/regenerate`, { graceSeconds: 2 });
  const fresh = webhookSchema.parse(answer.body).webhookUrl ?? "";
  expect([(await post(hook.url, {})).status, (await post(fresh, {})).status]).toEqual([202, 202]);
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  expect([(await post(hook.url, {})).status, (await post(fresh, {})).status]).toEqual([404, 202]);
});

test("a secret whose days are over is rotated by the cron, and the workspace is told", async () => {
  const hook = await webhook({ rotateAfterDays: 30 });
  await swarm.query("UPDATE webhooks SET rotate_at = 1 WHERE id = ?", hook.id);
  await swarm.scheduled();
  const list = await person.request("GET", `/api/workflows/${hook.workflowId}/webhooks`);
  const [rotated] = z.object({ items: z.array(webhookSchema) }).parse(list.body).items;
  expect(rotated?.secretKey).not.toBe(hook.secret);
  expect([(await post(hook.url, {})).status, (await post(rotated?.webhookUrl ?? "", {})).status]).toEqual([202, 202]);
  const events = await person.request("GET", "/api/events?type=secret_rotated");
  expect(JSON.stringify(events.body)).toContain(hook.id);
});

test("who waits is answered with the output", async () => {
  swarm.providers.on({ contains: "a question" }, { text: "an answer" });
  const hook = await webhook();
  const { status, body } = await post(`${hook.url}?wait=25`, { ask: "a question" });
  expect([status, body]).toMatchObject([200, { success: true, status: "succeeded", output: "an answer" }]);
});

test("none of the secrets of these calls was written to the console", async () => {
  const hook = await webhook();
  await post(hook.url, {});
  await post(`${hook.url}wrong`, {});
  await post(hook.url, "{");
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const text = JSON.stringify(swarm.logs);
  expect(text).toContain("a wrong secret");
  expect(text).not.toContain(hook.secret);
});
