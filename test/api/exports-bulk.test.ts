import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { openDb } from "../../src/db/client.ts";
import { runExport, tidyExports } from "../../src/transfer/index.ts";
import { type Account, joinAs, signUp } from "../worker/accounts.ts";
import { type TestEngine, testEngine } from "../worker/engine.ts";
import { bundleSchema, KEY, unzipped } from "../worker/exports.ts";
import { createWorkflow } from "../worker/workflows.ts";

let account: Account;
let other: Account;
beforeAll(async () => {
  account = await signUp();
  other = await signUp("Olga Otherwise");
});
afterEach(() => {
  vi.restoreAllMocks();
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
