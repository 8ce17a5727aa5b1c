import fc from "fast-check";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import type { Definition } from "../../src/definitions/index.ts";
import { definitionArb } from "../support/definition-arb.ts";
import { type Account, joinAs, signUp } from "../worker/accounts.ts";
import { testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { countRows } from "../worker/rows.ts";
import { runOnce } from "../worker/run-once.ts";
import { versioning } from "../worker/versions.ts";
import { createWebhook } from "../worker/webhooks.ts";

let from: Account;
let to: Account;
beforeAll(async () => {
  from = await signUp();
  to = await signUp("Bo");
});
afterEach(() => {
  vi.restoreAllMocks();
});

const EVERYTHING =
  "includeExecutions=true&includeKnowledge=true&includeSchedules=true&includeWebhooks=true&includeVersions=true";

const record = z.record(z.string(), z.unknown());
const bundleSchema = z.looseObject({
  exportedAt: z.string(),
  workflow: z.looseObject({ id: z.string() }),
  schedules: z.array(record),
  webhooks: z.array(record),
  knowledgeBase: z.array(record),
  executions: z.array(record),
  versions: z.array(record),
});
type Bundle = z.infer<typeof bundleSchema>;

async function exported(account: Account, id: string): Promise<Bundle> {
  const { status, body } = await account.send("GET", `/api/workflows/${id}/export?${EVERYTHING}`);
  expect(status).toBe(200);
  return bundleSchema.parse(body);
}

/** Imports a file and answers the new workflow's id. */
async function imported(account: Account, file: BodyInit): Promise<string> {
  const response = await account.fetch("/api/workflows/import?conflict=rename", { method: "POST", body: file });
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  return (
    z.object({ results: z.array(z.object({ workflowId: z.string() })).length(1) }).parse(body).results[0]?.workflowId ??
    ""
  );
}

/** A bundle but for ids, times, and where knowledge came from. */
function lasting({ exportedAt: _, workflow: { id: _id, ...workflow }, ...bundle }: Bundle) {
  const entry = ({ createdAt: _at, source: _source, ...rest }: Record<string, unknown>) => rest;
  const texts = bundle.knowledgeBase.map((each) => JSON.stringify(entry(each))).toSorted();
  return { ...bundle, workflow, knowledgeBase: texts };
}

/** What the API shows of a workflow's schedules or webhooks, but for ids, times and secrets: told apart from any export. */
async function triggersOf(account: Account, id: string, kind: "schedules" | "webhooks"): Promise<string[]> {
  const { body } = await account.send<{ items: Record<string, unknown>[] }>("GET", `/api/workflows/${id}/${kind}`);
  return body.items
    .map(
      ({
        id: _id,
        workflowId: _of,
        webhookUrl: _url,
        secretKey: _key,
        createdAt: _c,
        updatedAt: _u,
        rotatesAt: _r,
        ...rest
      }) => JSON.stringify(rest),
    )
    .toSorted();
}

const scheduleArb = fc.record(
  {
    cronExpression: fc.constantFrom("0 9 * * *", "*/15 8-18 * * MON-FRI", "30 2 L * *"),
    timezone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York"),
    input: fc.jsonValue({ maxDepth: 2 }),
    version: fc.constantFrom(null, 1, "production"),
    dst: fc.constantFrom(null, { gap: "skip" }, { gap: "shift", overlap: "both" }),
    overlap: fc.constantFrom("skip", "allow", "queue"),
    catchUp: fc.constantFrom("skip", "once", "all"),
    startAt: fc.constantFrom(null, "2026-01-31T12:00:00.000Z"),
    jitterSeconds: fc.nat(100),
    condition: fc.constantFrom(null, { expression: "last.status == 'succeeded'" }),
    pauseAfterFailures: fc.constantFrom(null, 3),
    maxRetries: fc.nat(5),
    retryDelaySeconds: fc.integer({ min: 1, max: 600 }),
  },
  { requiredKeys: ["cronExpression"] },
);

const webhookArb = fc.record(
  {
    ipWhitelist: fc.constantFrom([], ["10.0.0.0/8", "::1"]),
    payloadTransformer: fc.constantFrom(null, { "title!": "issue.title", labels: "issue.labels[].name" }),
    signature: fc.constantFrom(
      { scheme: "none" },
      { scheme: "github" },
      { scheme: "hmac", header: "X-Sig", encoding: "base64", prefix: "v1=" },
    ),
    rateLimit: fc.constantFrom({ limit: 5, windowSeconds: 60 }),
    rotateAfterDays: fc.constantFrom(null, 90),
    version: fc.constantFrom(null, 1, "production"),
  },
  { requiredKeys: [] },
);

/** Names that lists and texts must survive: quotes, emoji, other scripts. */
const nameArb = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .map((name) => name.trim())
  .filter((name) => name !== "" && name.isWellFormed());

async function create(account: Account, name: string, definitions: readonly Definition[]): Promise<string> {
  const [first, ...others] = definitions;
  const made = await account.send<{ id: string }>("POST", "/api/workflows", { name, description: name, ...first });
  expect(made.status).toBe(201);
  const { id } = made.body;
  const { commit } = versioning(() => account);
  await commit(id, "First", "production");
  for (const [place, definition] of others.entries()) {
    await account.send("PUT", `/api/workflows/${id}`, definition);
    if (place % 2 === 0) await commit(id, `Number ${place}`, `tag-${place}`);
  }
  return id;
}

test("a workflow that is imported from its export exports the same, but for ids and times", {
  timeout: 120_000,
}, async () => {
  const knowledge = { agentRole: "writer", category: "style", content: "Short sentences." };
  await from.send("POST", "/api/knowledge", knowledge);
  await fc.assert(
    fc.asyncProperty(
      nameArb,
      fc.array(definitionArb({ maxNodes: 5 }), { minLength: 1, maxLength: 4 }),
      fc.array(scheduleArb, { maxLength: 3 }),
      fc.array(webhookArb, { maxLength: 2 }),
      fc.constantFrom("json", "zip"),
      async (name, definitions, schedules, webhooks, format) => {
        const id = await create(from, name, definitions);
        for (const schedule of schedules) {
          const body = { ...schedule, enabled: false };
          const { status, body: answer } = await from.send("POST", `/api/workflows/${id}/schedules`, body);
          expect(status, JSON.stringify(answer)).toBe(201);
        }
        for (const webhook of webhooks) await createWebhook(from, id, webhook);
        const before = await exported(from, id);
        const file = await from.fetch(`/api/workflows/${id}/export?${EVERYTHING}&format=${format}`);
        const copy = await imported(to, await file.arrayBuffer());
        expect(copy).not.toBe(id);
        const after = await exported(to, copy);
        for (const kind of ["schedules", "webhooks"] as const) {
          expect(await triggersOf(to, copy, kind)).toEqual(await triggersOf(from, id, kind));
        }
        const { workflow, ...rest } = lasting(before);
        expect(lasting(after)).toEqual({ ...rest, workflow: { ...workflow, name: after.workflow.name } });
        expect(String(after.workflow.name).startsWith(name.slice(0, 20).trim())).toBe(true);
      },
    ),
    { numRuns: 15 },
  );
});

test("a history comes through as it was, and nothing of where it came from is changed", async () => {
  answerAsOpenAi(({ prompt }) => (prompt === "b" ? { status: 400 } : { text: `Answer: ${prompt} ✓` }));
  const agents = { b: { prompt: "b" }, c: { prompt: "{{steps.a.output}}" } };
  const { workflowId } = await runOnce(from, testEngine(), ["a>b", "a>c"], { agents });
  const rows = await countRows(from.workspaceId);
  const before = await exported(from, workflowId);
  expect(before.executions).toHaveLength(1);
  expect(before.executions[0]).toMatchObject({ status: "failed", steps: [{ attempts: 1 }, {}, {}] });
  const copy = await imported(to, JSON.stringify(before));
  const after = await exported(to, copy);
  expect(lasting(after)).toEqual(lasting(before));
  expect(await countRows(from.workspaceId)).toEqual(rows);
});

test("a bulk export imports as a whole, and exports the same again", async () => {
  const owner = await signUp("Cy");
  const ids: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    ids.push(await create(owner, `Many ${i}`, fc.sample(definitionArb({ maxNodes: 3 }), { numRuns: 2, seed: i })));
  }
  const options = { all: true, includeVersions: true, includeSchedules: true, includeWebhooks: true };
  const { body } = await owner.send<{ exportId: string }>("POST", "/api/workflows/bulk-export", options);
  const file = await vi.waitFor(
    async () => {
      const response = await owner.fetch(`/api/exports/${body.exportId}/download`);
      if (response.status !== 200) throw new Error(await response.text());
      return response.arrayBuffer();
    },
    { timeout: 8_000, interval: 50 },
  );
  const elsewhere = await signUp("Di");
  const response = await elsewhere.fetch("/api/workflows/import", { method: "POST", body: file });
  const answer: unknown = await response.json();
  expect(response.status, JSON.stringify(answer)).toBe(200);
  const { results } = z.object({ results: z.array(z.object({ workflowId: z.string() })) }).parse(answer);
  expect(results).toHaveLength(3);
  for (const [place, { workflowId }] of results.entries()) {
    const id = ids[place] ?? "";
    expect(lasting(await exported(elsewhere, workflowId))).toEqual(lasting(await exported(owner, id)));
  }
});

test("a template installs as a workflow that can be executed", async () => {
  answerAsOpenAi(({ prompt }) => ({ text: prompt }));
  const { workflowId } = await runOnce(from, testEngine(), ["a>b"], {
    agents: { b: { prompt: "{{steps.a.output}}!" } },
  });
  const template = await from.fetch(`/api/workflows/${workflowId}/export?${EVERYTHING}&anonymize=true`);
  const copy = await imported(to, await template.arrayBuffer());
  const { body } = await to.send<{ valid: boolean }>("POST", `/api/workflows/${copy}/validate`);
  expect(body).toMatchObject({ valid: true, errors: [] });
});

test("a clone has the draft, its schedules paused and its webhooks disabled with other secrets, and no history", async () => {
  answerAsOpenAi(() => ({ text: "done" }));
  const { workflowId } = await runOnce(from, testEngine(), ["a>b"], { agents: { a: { useKnowledge: true } } });
  await from.send("POST", `/api/workflows/${workflowId}/schedules`, { cronExpression: "0 9 * * *", input: { n: 1 } });
  const hook = await createWebhook(from, workflowId, { signature: { scheme: "github", secret: "of the sender" } });
  const knowledge = async () => (await countRows(from.workspaceId)).knowledge;
  const entries = await knowledge();

  const { status, body } = await from.send<Record<string, unknown>>("POST", `/api/workflows/${workflowId}/clone`, {
    name: "A clone",
  });
  expect(status).toBe(201);
  const original = (await from.send<Record<string, unknown>>("GET", `/api/workflows/${workflowId}`)).body;
  const { nodes, edges, agents, settings } = original;
  expect(body).toMatchObject({ name: "A clone", nodes, edges, agents, settings });
  expect(body.id).not.toBe(workflowId);
  const copy = bundleSchema.parse((await from.send("GET", `/api/workflows/${body.id}/export?${EVERYTHING}`)).body);
  expect(copy.executions).toEqual([]);
  expect(copy.versions).toHaveLength(1);
  expect(copy.schedules).toMatchObject([{ cronExpression: "0 9 * * *", input: { n: 1 }, enabled: false }]);
  expect(copy.webhooks).toMatchObject([{ enabled: false, signature: { scheme: "github" } }]);
  const hooks = await from.send<{ items: Record<string, unknown>[] }>("GET", `/api/workflows/${body.id}/webhooks`);
  expect(hooks.body.items[0]?.secretKey).not.toBe(hook.secretKey);
  expect(hooks.body.items[0]).not.toHaveProperty("signature.secret");
  expect(await knowledge()).toBe(entries);

  const again = await from.send<Record<string, unknown>>("POST", `/api/workflows/${workflowId}/clone`);
  expect(again.status).toBe(201);
  expect(again.body.name).toBe(`${String(original.name)} (2)`);

  const keyed = () =>
    from.send<{ id: string }>("POST", `/api/workflows/${workflowId}/clone`, {}, { "Idempotency-Key": "clone-1" });
  expect((await keyed()).body.id).toBe((await keyed()).body.id);
});

test("clones are for editors of the workspace", async () => {
  const id = await create(from, "Ours", fc.sample(definitionArb({ maxNodes: 2 }), { numRuns: 1, seed: 7 }));
  const viewer = await joinAs(from, "viewer");
  expect((await viewer.send("POST", `/api/workflows/${id}/clone`)).status).toBe(403);
  expect((await to.send("POST", `/api/workflows/${id}/clone`)).status).toBe(404);
});
