import { env } from "cloudflare:workers";
import { unzipSync } from "fflate";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { openDb } from "../../src/db/client.ts";
import { runExport, tidyExports } from "../../src/transfer/index.ts";
import { type Account, joinAs, nobody, signUp } from "../worker/accounts.ts";
import { type TestEngine, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { runOnce } from "../worker/run-once.ts";
import { versioning } from "../worker/versions.ts";
import { createWebhook } from "../worker/webhooks.ts";
import { createWorkflow, definitionOf } from "../worker/workflows.ts";

let account: Account;
let other: Account;
beforeAll(async () => {
  account = await signUp();
  other = await signUp("Olga Otherwise");
});
afterEach(() => {
  vi.restoreAllMocks();
});

const EVERYTHING =
  "includeExecutions=true&includeKnowledge=true&includeSchedules=true&includeWebhooks=true&includeVersions=true";
const KEY = `sk-proj-${"aB3".repeat(12)}`;

const record = z.record(z.string(), z.unknown());
const bundleSchema = z.looseObject({
  version: z.string(),
  workflow: z.looseObject({ name: z.string(), nodes: z.array(record), edges: z.array(record) }),
  agents: z.array(record),
  schedules: z.array(record).optional(),
  webhooks: z.array(record).optional(),
  versions: z.array(record).optional(),
  executions: z.array(record).optional(),
  knowledgeBase: z.array(record).optional(),
  omitted: record.optional(),
});
type Bundle = z.infer<typeof bundleSchema>;

async function exported(id: string, query = EVERYTHING, from: Account = account): Promise<Bundle> {
  const { status, body } = await from.send("GET", `/api/workflows/${id}/export?${query}`);
  expect(status).toBe(200);
  return bundleSchema.parse(body);
}

/** A text that compresses badly. */
function noise(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unzipped(bytes: Uint8Array): Record<string, unknown> {
  const texts = Object.entries(unzipSync(bytes)).map(([name, content]) => [name, new TextDecoder().decode(content)]);
  return Object.fromEntries(texts.map(([name, text]) => [name, JSON.parse(text ?? "")]));
}

/** A workflow with something of every kind that an export may hold. */
async function fullWorkflow(): Promise<string> {
  answerAsOpenAi(() => ({ text: "the answer" }));
  const agents = { a: { prompt: "{{input}}", useKnowledge: true, role: "historian" }, b: { topP: 0.5 } };
  const { workflowId } = await runOnce(account, testEngine(), ["a>b?contains(output, 'answer')"], {
    agents,
    settings: { timeoutSeconds: 60 },
  });
  await versioning(() => account).commit(workflowId, "A commit", "production");
  await account.send("POST", "/api/knowledge", { agentRole: "historian", category: "Rome", content: "Not in a day." });
  await account.send("POST", `/api/workflows/${workflowId}/schedules`, {
    ...{ cronExpression: "0 9 * * *", timezone: "Europe/Berlin", input: { who: "ann@example.com" } },
    version: "production",
  });
  await createWebhook(account, workflowId, {
    signature: { scheme: "hmac", header: "X-Sig", secret: "the-secret-of-the-sender" },
    ipWhitelist: ["10.1.2.3"],
    payloadTransformer: { title: "issue.title" },
  });
  return workflowId;
}

describe("one workflow", () => {
  test("leaves with what was asked for, and with nothing else", async () => {
    const id = await fullWorkflow();
    const bare = await exported(id, "");
    expect(Object.keys(bare).toSorted()).toEqual(["agents", "exportedAt", "version", "workflow"]);
    expect(bare.version).toBe("1.0");
    for (const [option, field] of [
      ["includeExecutions", "executions"],
      ["includeKnowledge", "knowledgeBase"],
      ["includeSchedules", "schedules"],
      ["includeWebhooks", "webhooks"],
      ["includeVersions", "versions"],
    ] as const) {
      const bundle = await exported(id, `${option}=true`);
      expect(Object.keys(bundle).filter((key) => !Object.hasOwn(bare, key))).toEqual([field]);
      expect(bundle[field]).toHaveLength(1);
    }
  });

  test("holds the draft, the history and what starts it as they are", async () => {
    const id = await fullWorkflow();
    const bundle = await exported(id);
    const { body: draft } = await account.send<Record<string, unknown>>("GET", `/api/workflows/${id}`);
    expect({ ...bundle.workflow, agents: bundle.agents }).toMatchObject({
      name: draft.name,
      nodes: draft.nodes,
      edges: draft.edges,
      agents: draft.agents,
      settings: draft.settings,
    });
    expect(bundle.versions?.[0]).toMatchObject({
      commitMessage: "A commit",
      createdByName: "Ada",
      tags: ["production"],
    });
    expect(bundle.executions?.[0]).toMatchObject({
      status: "succeeded",
      input: "go",
      output: "the answer",
      steps: [
        { nodeId: "a", output: "the answer" },
        { nodeId: "b", output: "the answer" },
      ],
    });
    expect(bundle.schedules?.[0]).toMatchObject({ cronExpression: "0 9 * * *", version: "production", enabled: true });
    expect(bundle.webhooks?.[0]).toMatchObject({ signature: { scheme: "hmac", header: "X-Sig" } });
    expect(bundle.knowledgeBase?.[0]).toMatchObject({ agentRole: "historian", content: "Not in a day." });
    expect(bundle.omitted).toBeUndefined();
  });

  test("no secret of a webhook, no address that triggers it and no id of a person or a row leaves", async () => {
    const id = await fullWorkflow();
    const hooks = await account.send<{ items: Record<string, string>[] }>("GET", `/api/workflows/${id}/webhooks`);
    const text = JSON.stringify(await exported(id));
    const hook = hooks.body.items[0];
    for (const secret of [hook?.secretKey, hook?.webhookUrl, hook?.id, "the-secret-of-the-sender", account.userId]) {
      expect(secret).toBeTruthy();
      expect(text).not.toContain(secret);
    }
    expect(text).not.toContain(account.workspaceId);
  });

  test("comes as an archive with the history in files of its own", async () => {
    const id = await fullWorkflow();
    const response = await account.fetch(`/api/workflows/${id}/export?${EVERYTHING}&format=zip`);
    expect(response.headers.get("Content-Type")).toBe("application/zip");
    expect(response.headers.get("Content-Disposition")).toMatch(/^attachment; filename="workflow-\d+\.zip"/);
    const files = unzipped(new Uint8Array(await response.arrayBuffer()));
    expect(Object.keys(files)).toEqual(["workflow.json", "versions.json", "knowledge.json", "executions.json"]);
    const whole = await exported(id);
    const { versions, knowledgeBase, executions, exportedAt: _, ...core } = whole;
    expect(files["workflow.json"]).toMatchObject(core);
    expect(files["versions.json"]).toEqual(versions);
    expect(files["knowledge.json"]).toEqual(knowledgeBase);
    expect(files["executions.json"]).toEqual(executions);
  });

  test("large outputs leave as text, cut and marked where they are longer than a row takes", async () => {
    const long = "lorem ipsum ".repeat(30_000);
    answerAsOpenAi(() => ({ text: long }));
    const { workflowId } = await runOnce(account, testEngine(), ["a"], {});
    const { executions } = await exported(workflowId);
    const [step] = z.array(record).parse(executions?.[0]?.steps);
    expect(step?.output).toBe(long.slice(0, 262_144));
    expect(step?.outputTruncated).toBe(true);
    expect(executions?.[0]?.output).toBe(step?.output);
  });

  test("what would make the file too large to be imported is left out, the oldest first, and counted", async () => {
    const id = await createWorkflow(account, ["a"]);
    const { commit } = versioning(() => account);
    for (let i = 0; i < 8; i += 1) {
      const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
      const agents = Object.fromEntries(names.map((name) => [name, { prompt: noise(60_000) }]));
      await account.send("PUT", `/api/workflows/${id}`, definitionOf(names, { agents }));
      await commit(id, `Commit ${i}`);
    }
    const response = await account.fetch(`/api/workflows/${id}/export?includeVersions=true`);
    const text = await response.text();
    expect(text.length).toBeLessThan(8 * 1024 * 1024);
    const { versions = [], omitted } = bundleSchema.parse(JSON.parse(text));
    expect(versions.map(({ commitMessage }) => commitMessage)).toEqual([7, 6, 5, 4, 3].map((i) => `Commit ${i}`));
    expect(omitted).toEqual({ versions: 3 });
  });

  test("is for editors of its workspace", async () => {
    const id = await createWorkflow(account, ["a"]);
    const viewer = await joinAs(account, "viewer");
    expect((await nobody.send("GET", `/api/workflows/${id}/export`)).status).toBe(401);
    expect((await viewer.send("GET", `/api/workflows/${id}/export`)).status).toBe(403);
    expect((await other.send("GET", `/api/workflows/${id}/export`)).status).toBe(404);
    expect((await account.send("GET", `/api/workflows/${id}/export?format=xml`)).status).toBe(422);
  });
});

describe("secrets in texts", () => {
  const withKey = () =>
    createWorkflow(account, ["a"], {
      agents: { a: { prompt: `Use ${KEY} to ask`, description: "by ann@example.com" } },
    });

  test("are counted in a header, and refused with their places when that is asked for", async () => {
    const id = await withKey();
    const response = await account.fetch(`/api/workflows/${id}/export`);
    expect(response.headers.get("X-Secret-Findings")).toBe("1");
    await response.text();
    const strict = await account.send("GET", `/api/workflows/${id}/export?strict=true`);
    expect(strict.status).toBe(422);
    expect(strict.body).toMatchObject({
      error: { code: "secrets_found", details: [{ path: "agents[0].prompt", message: "looks like a key of OpenAI" }] },
    });
    expect(JSON.stringify(strict.body)).not.toContain(KEY);
    const clean = await createWorkflow(account, ["a"]);
    expect((await account.send("GET", `/api/workflows/${clean}/export?strict=true`)).status).toBe(200);
  });

  test("a template has neither those nor people, addresses, ids, history or what a run is given", async () => {
    const id = await fullWorkflow();
    const { body } = await account.send<Record<string, unknown>>("GET", `/api/workflows/${id}`);
    const definition = definitionOf(["a>b"], {
      agents: { a: { prompt: `Ask ann@example.com with ${KEY}: {{input}}` } },
    });
    const nodes = definition.nodes.map((node) => ({ ...node, data: { owner: "Ann" } }));
    await account.send("PUT", `/api/workflows/${id}`, { ...definition, nodes, description: "For bob@example.com" });
    const response = await account.fetch(`/api/workflows/${id}/export?${EVERYTHING}&anonymize=true`);
    expect(response.headers.get("X-Secret-Findings")).toBe("0");
    const text = await response.text();
    const template = bundleSchema.parse(JSON.parse(text));
    expect(Object.keys(template).toSorted()).toEqual([
      "agents",
      "exportedAt",
      "schedules",
      "version",
      "webhooks",
      "workflow",
    ]);
    expect(template.agents[0]).toMatchObject({
      id: "agent-1",
      nodeId: "a",
      prompt: "Ask [email] with [redacted]: {{input}}",
    });
    expect(template.workflow).toMatchObject({ name: body.name, description: "For [email]" });
    expect(template.schedules?.[0]).toMatchObject({
      cronExpression: "0 9 * * *",
      enabled: false,
      input: null,
      version: null,
    });
    expect(template.webhooks?.[0]).toMatchObject({ enabled: false, ipWhitelist: [] });
    for (const gone of [id, "@example", KEY, "10.1.2.3", "Ann", "Ada", "the answer", "headVersion"]) {
      expect(text).not.toContain(gone);
    }
  });
});

describe("many workflows", () => {
  const exportView = z.looseObject({
    id: z.string(),
    status: z.string(),
    done: z.number(),
    total: z.number(),
    downloadUrl: z.string().nullable(),
    expiresAt: z.string().nullable(),
    error: z.looseObject({ code: z.string() }).nullable(),
  });

  const read = async (id: string, by: Account = account) =>
    exportView.parse((await by.send("GET", `/api/exports/${id}`)).body);

  /** Begins an export whose message the test delivers itself. */
  async function begin(by: Account, options: object): Promise<string> {
    const { status, body } = await by.send<{ exportId: string }>("POST", "/api/workflows/bulk-export", options);
    expect(status).toBe(202);
    return body.exportId;
  }

  const ready = (id: string, by: Account = account) =>
    vi.waitFor(
      async () => {
        const view = await read(id, by);
        expect(view.status).toBe("ready");
        return view;
      },
      { timeout: 8_000, interval: 50 },
    );

  test("a queued job writes all of them into one archive, which members fetch for seven days", async () => {
    const owner = await signUp("Bea");
    const ids = [];
    for (let i = 0; i < 5; i += 1) ids.push(await createWorkflow(owner, ["a>b"]));
    const id = await begin(owner, { all: true, includeVersions: true });
    const view = await ready(id, owner);
    expect(view).toMatchObject({ done: 5, total: 5, downloadUrl: `/api/exports/${id}/download`, error: null });
    expect(Date.parse(view.expiresAt ?? "") - Date.now()).toBeGreaterThan(6.9 * 86_400_000);

    const response = await owner.fetch(view.downloadUrl ?? "");
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get("Content-Length")).toBe(String(bytes.byteLength));
    const files = unzipped(bytes);
    const manifest = z
      .object({ version: z.string(), workflows: z.array(z.object({ name: z.string(), path: z.string() })) })
      .parse(files["manifest.json"]);
    expect(manifest.workflows).toHaveLength(5);
    expect(manifest.workflows.map(({ path }) => bundleSchema.parse(files[path]).workflow.id)).toEqual(ids);
    const viewer = await joinAs(owner, "viewer");
    expect((await viewer.fetch(view.downloadUrl ?? "")).status).toBe(200);
    for (const path of [`/api/exports/${id}`, view.downloadUrl ?? ""]) {
      expect((await other.send("GET", path)).status).toBe(404);
    }
    expect((await viewer.send("POST", "/api/workflows/bulk-export", { all: true })).status).toBe(403);
  });

  test("an id of another workspace refuses the whole request", async () => {
    const own = await createWorkflow(account, ["a"]);
    const foreign = await createWorkflow(other, ["a"]);
    const refused = await account.send("POST", "/api/workflows/bulk-export", { workflowIds: [own, foreign] });
    expect(refused.status).toBe(404);
    expect(refused.body).toMatchObject({ error: { details: [{ path: "workflowIds[1]" }] } });
    for (const body of [{}, { all: true, workflowIds: [own] }, { workflowIds: [] }]) {
      expect((await account.send("POST", "/api/workflows/bulk-export", body)).status).toBe(422);
    }
  });

  describe("its job", () => {
    let engine: TestEngine;
    const message = (exportId: string) => ({ kind: "export" as const, workspaceId: account.workspaceId, exportId });

    /** An export that is queued in the database and nowhere else. */
    async function queued(options: object = {}, workflows = 3): Promise<string> {
      engine = testEngine();
      const ids = [];
      for (let i = 0; i < workflows; i += 1)
        ids.push(await createWorkflow(account, ["a"], { agents: { a: { prompt: "x" } } }));
      const id = engine.ids.next();
      await env.DB.prepare(
        "INSERT INTO exports (workspace_id, id, status, options, workflow_ids, total, wake_at, created_at, updated_at) VALUES (?1, ?2, 'queued', ?3, ?4, ?5, 0, 0, 0)",
      )
        .bind(account.workspaceId, id, JSON.stringify(options), JSON.stringify(ids), ids.length)
        .run();
      return id;
    }

    const run = (id: string, bucket: R2Bucket = env.EXPORTS) =>
      runExport({ ...engine, db: openDb(env.DB) }, bucket, message(id));
    const tidy = async () => {
      const sent: unknown[] = [];
      await tidyExports({ ...engine, db: openDb(env.DB) }, env.EXPORTS, async (each) => sent.push(each));
      return sent;
    };
    const objectsOf = async (id: string) =>
      (await env.EXPORTS.list({ prefix: `exports/${account.workspaceId}/${id}/` })).objects.map(({ key }) => key);

    /** A bucket whose uploads fail at a certain point. */
    function failing(at: "uploadPart" | "complete"): R2Bucket {
      return new Proxy(env.EXPORTS, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property);
          if (typeof value !== "function") return value;
          if (property !== "createMultipartUpload") return value.bind(target);
          return async (...args: unknown[]) => {
            const upload: object = await value.apply(target, args);
            return new Proxy(upload, {
              get(inner, name) {
                const member: unknown = Reflect.get(inner, name);
                if (name === at) return () => Promise.reject(new Error("R2 is away"));
                return typeof member === "function" ? member.bind(inner) : member;
              },
            });
          };
        },
      });
    }

    test("delivered twice writes one file", async () => {
      const id = await queued();
      await Promise.all([run(id), run(id)]);
      await run(id);
      expect(await read(id)).toMatchObject({ status: "ready", done: 3 });
      expect(await objectsOf(id)).toHaveLength(1);
    });

    test.each(["uploadPart", "complete"] as const)(
      "that fails at %s leaves nothing, and is begun again",
      async (at) => {
        const id = await queued();
        await run(id, failing(at));
        expect(await read(id)).toMatchObject({ status: "queued", downloadUrl: null });
        expect(await objectsOf(id)).toEqual([]);
        expect((await account.send("GET", `/api/exports/${id}/download`)).status).toBe(409);
        expect(await tidy()).toEqual([]);
        engine.clock.advance(60_000);
        expect(await tidy()).toContainEqual(message(id));
        await run(id);
        expect(await read(id)).toMatchObject({ status: "ready", done: 3 });
        expect(await objectsOf(id)).toHaveLength(1);
      },
    );

    test("that vanished is begun again from the start once its lease is over, and its upload is aborted", async () => {
      const id = await queued();
      const upload = await env.EXPORTS.createMultipartUpload(`exports/${account.workspaceId}/${id}/1.zip`);
      await env.DB.prepare(
        "UPDATE exports SET status = 'running', attempt = 1, done = 2, upload_id = ?2, wake_at = ?3 WHERE id = ?1",
      )
        .bind(id, upload.uploadId, engine.clock.now() + 60_000)
        .run();
      await run(id);
      expect(await read(id)).toMatchObject({ status: "running", done: 2 });
      engine.clock.advance(61_000);
      expect(await tidy()).toContainEqual(message(id));
      await run(id);
      expect(await read(id)).toMatchObject({ status: "ready", done: 3 });
      await expect(upload.uploadPart(1, "late")).rejects.toThrow();
      expect(await objectsOf(id)).toEqual([`exports/${account.workspaceId}/${id}/2.zip`]);
    });

    /** A bucket that lets another job take the export over, between this job's writing and its `at`. */
    function overtaken(id: string, at: "begin" | "complete"): R2Bucket {
      const overtake = async () => {
        engine.clock.advance(121_000);
        await run(id);
      };
      return new Proxy(env.EXPORTS, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property);
          if (typeof value !== "function") return value;
          if (property !== "createMultipartUpload") return value.bind(target);
          return async (...args: unknown[]) => {
            const upload: object = await value.apply(target, args);
            if (at === "begin") await overtake();
            return new Proxy(upload, {
              get(inner, name) {
                const member: unknown = Reflect.get(inner, name);
                if (typeof member !== "function") return member;
                if (name !== at) return member.bind(inner);
                return async (...parts: unknown[]) => {
                  // As if R2 had been at it already: it aborts nothing that is complete.
                  const done: unknown = await member.apply(inner, parts);
                  await overtake();
                  await env.EXPORTS.put(`exports/${account.workspaceId}/${id}/1.zip`, "what a slow job completes");
                  return done;
                };
              },
            });
          };
        },
      });
    }

    test.each(["begin", "complete"] as const)(
      "that is overtaken by another job before its %s ends leaves no file",
      async (at) => {
        const id = await queued();
        await run(id, overtaken(id, at));
        expect(await read(id)).toMatchObject({ status: "ready", done: 3 });
        expect(await objectsOf(id)).toEqual([`exports/${account.workspaceId}/${id}/2.zip`]);
      },
    );

    test("is given up after three attempts, and people are told", async () => {
      const id = await queued();
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await run(id, failing("complete"));
        engine.clock.advance(200_000);
        await tidy();
      }
      expect(await read(id)).toMatchObject({ status: "failed", error: { code: "export_failed" } });
      expect(await objectsOf(id)).toEqual([]);
      const events = await account.send<{ items: { data: object }[] }>("GET", "/api/events?type=export_failed");
      expect(events.body.items.filter(({ data }) => "exportId" in data && data.exportId === id)).toHaveLength(1);
    });

    test("refuses secrets when it is strict, and names the file and the place", async () => {
      const id = await queued({ strict: true });
      const bad = await createWorkflow(account, ["a"], { agents: { a: { prompt: KEY } } });
      await env.DB.prepare(
        "UPDATE exports SET workflow_ids = json_insert(workflow_ids, '$[#]', ?2), total = 4 WHERE id = ?1",
      )
        .bind(id, bad)
        .run();
      await run(id);
      const view = await read(id);
      expect(view).toMatchObject({ status: "failed", error: { code: "secrets_found" } });
      expect(JSON.stringify(view.error)).toContain("agents[0].prompt");
      expect(JSON.stringify(view.error)).not.toContain(KEY);
      expect(await objectsOf(id)).toEqual([]);
    });

    test("leaves out a workflow that was deleted meanwhile, and tells watchers how far it is", async () => {
      const id = await queued();
      const published: unknown[] = [];
      const first = await env.DB.prepare("SELECT workflow_ids ->> 0 AS id FROM exports WHERE id = ?1")
        .bind(id)
        .first("id");
      await account.send("DELETE", `/api/workflows/${z.string().parse(first)}`);
      engine = { ...engine, publish: (_, events) => published.push(...events) };
      await run(id);
      expect(await read(id)).toMatchObject({ status: "ready", done: 2, total: 3 });
      expect(published.at(-1)).toMatchObject({ type: "export", exportId: id, status: "ready", done: 2, total: 3 });
    });

    test("its file is gone after seven days, and its row a month later", async () => {
      const id = await queued();
      await run(id);
      engine.clock.advance(7 * 86_400_000 + 1);
      await tidy();
      expect(await read(id)).toMatchObject({ status: "expired", downloadUrl: null });
      expect((await account.send("GET", `/api/exports/${id}/download`)).status).toBe(410);
      expect(await objectsOf(id)).toEqual([]);
      engine.clock.advance(30 * 86_400_000 + 1);
      await tidy();
      expect((await account.send("GET", `/api/exports/${id}`)).status).toBe(404);
    });
  });
});
