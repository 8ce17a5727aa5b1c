import {
  createExecutionContext,
  createMessageBatch,
  createScheduledController,
  getQueueResult,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import worker from "../../src/index.ts";
import { importPorts, type RunPorts, runImport, tidyImports } from "../../src/transfer/index.ts";
import type { ImportState } from "../../src/transfer/read-import.ts";
import { zipOf } from "../support/zip.ts";
import { type Account, ctxOf, readAnswer, signUp } from "../worker/accounts.ts";
import { countRows } from "../worker/rows.ts";
import { definitionOf } from "../worker/workflows.ts";

let ada: Account;
beforeAll(async () => {
  ada = await signUp();
});

const MB = 1024 * 1024;
type Some = Record<string, unknown>;

function bundleOf(name: string, over: Some = {}) {
  const { agents, ...graph } = definitionOf(["a>b"]);
  return { version: "1.0", exportedAt: "2026-11-01T00:00:00.000Z", workflow: { name, ...graph }, agents, ...over };
}

/** A workflow with a history that no single batch takes. */
function longBundle(name: string, executions = 1_500) {
  const steps = ["a", "b"].map((nodeId) => ({
    nodeId,
    agentId: `agent-${nodeId}`,
    status: "succeeded",
    output: "o".repeat(900),
  }));
  const past = { status: "succeeded", input: null, output: "o".repeat(900), costNanoUsd: 5, steps };
  const versions = [{ version: 1, commitMessage: "One", workflowData: definitionOf(["a>b"]), tags: ["stable"] }];
  return bundleOf(name, {
    versions,
    schedules: [{ cronExpression: "0 3 * * *", version: "stable" }],
    webhooks: [{}],
    executions: Array.from({ length: executions }, () => past),
  });
}

async function upload(body: BodyInit, query = "", headers: Record<string, string> = {}, account = ada) {
  return readAnswer<{ importId: string; error: { code: string; message: string } }>(
    await account.fetch(`/api/workflows/import${query}`, { method: "POST", body, headers }),
  );
}

const read = async (importId: string, account = ada) =>
  (await account.send<ImportState>("GET", `/api/imports/${importId}`)).body;

/** Waits until the queue has ended an import. */
async function ended(importId: string): Promise<ImportState> {
  for (let tries = 0; tries < 600; tries += 1) {
    const state = await read(importId);
    if (state.status === "succeeded" || state.status === "failed") return state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the import has not ended: ${JSON.stringify(await read(importId)).slice(0, 500)}`);
}

const many = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, place) => bundleOf(`${prefix} ${place}`));

async function workflowsCalled(prefix: string): Promise<Some[]> {
  return (
    await env.DB.prepare("SELECT id, name, workspace_id FROM workflows WHERE name LIKE ?1 || '%'").bind(prefix).all()
  ).results;
}

async function staged(): Promise<number> {
  return Number(
    await env.DB.prepare(
      "SELECT (SELECT count(*) FROM workflows WHERE workspace_id LIKE 'importing:%') + (SELECT count(*) FROM snapshots WHERE workspace_id LIKE 'importing:%') + (SELECT count(*) FROM import_stages) AS n",
    ).first("n"),
  );
}

const objects = async () => (await env.EXPORTS.list({ prefix: "imports/" })).objects.map(({ key }) => key);

describe("over twenty workflows", { timeout: 30_000 }, () => {
  test("are taken by the queue, in the order of the file, and the file goes", async () => {
    const { status, body } = await upload(JSON.stringify(many(23, "Many")));
    expect(status).toBe(202);
    const state = await ended(body.importId);
    expect(state).toMatchObject({
      status: "succeeded",
      done: 23,
      total: 23,
      errors: [],
      summary: { created: 23, failed: 0 },
    });
    expect(state.results.map(({ name }) => name)).toEqual(many(23, "Many").map(({ workflow }) => workflow.name));
    expect((await ada.send("GET", `/api/workflows/${state.results[22]?.workflowId}`)).status).toBe(200);
    expect(await objects()).toEqual([]);
    expect((await (await signUp("Grace")).send("GET", `/api/imports/${body.importId}`)).status).toBe(404);
  });

  test("name each other here across the whole file", async () => {
    const chained = many(21, "Chained").map((bundle, place) => ({
      ...bundle,
      workflow: { ...bundle.workflow, id: `source-${place}` },
      schedules: [{ after: { workflowId: `source-${place + 1}` } }],
    }));
    const { body } = await upload(JSON.stringify(chained));
    const { results } = await ended(body.importId);
    const { body: schedules } = await ada.send<{ items: Some[] }>(
      "GET",
      `/api/workflows/${results[0]?.workflowId}/schedules`,
    );
    expect(schedules.items).toMatchObject([{ after: { workflowId: results[1]?.workflowId }, enabled: false }]);
    expect(results[20]?.warnings).toMatchObject([{ path: "schedules[0].after" }]);
  });

  test("with one fault among them are none of them imported, and the workspace is told", async () => {
    const list = [...many(21, "Faulty"), { ...bundleOf("Faulty too"), agents: [{ id: "x", nodeId: "a" }] }];
    const { body } = await upload(JSON.stringify(list));
    const state = await ended(body.importId);
    expect(state).toMatchObject({ status: "failed", done: 0, total: null });
    expect(state.errors.map(({ path }) => path)).toContain("[21].agents[0].provider");
    expect(await workflowsCalled("Faulty")).toEqual([]);
    expect(await objects()).toEqual([]);
    const { body: events } = await ada.send<{ items: Some[] }>("GET", "/api/events?type=import_failed");
    expect(events.items).toMatchObject([{ level: "error", data: { importId: body.importId } }]);
  });

  test("tried dry change nothing but their own record", async () => {
    const before = await countRows();
    const { body } = await upload(JSON.stringify(many(22, "Dry")), "?dryRun=true");
    const state = await ended(body.importId);
    expect(state).toMatchObject({ dryRun: true, summary: { created: 22 } });
    expect(state.results.every(({ workflowId }) => workflowId === null)).toBe(true);
    const { imports, import_items, ...after } = await countRows();
    expect([imports, import_items]).toEqual([Number(before.imports) + 1, Number(before.import_items) + 22]);
    expect(after).toEqual(Object.fromEntries(Object.keys(after).map((name) => [name, before[name]])));
  });

  test("sent twice with one key are imported once", async () => {
    const body = JSON.stringify(many(21, "Keyed"));
    const headers = { "Idempotency-Key": "large-1" };
    const answers = await Promise.all([upload(body, "", headers), upload(body, "", headers)]);
    answers.push(await upload(body, "", headers));
    expect(new Set(answers.map((answer) => answer.body.importId)).size).toBe(1);
    await ended(answers[0]?.body.importId ?? "");
    expect((await workflowsCalled("Keyed")).length).toBe(21);
    expect(await objects()).toEqual([]);
  });

  test("overwrite each other in no way, whatever their names", async () => {
    const same = Array.from({ length: 21 }, () => bundleOf("Same"));
    const { body } = await upload(JSON.stringify(same), "?conflict=overwrite");
    expect((await ended(body.importId)).summary).toMatchObject({ created: 1, renamed: 20 });
  });
});

describe("a file over 5 MB", { timeout: 30_000 }, () => {
  test("goes to R2 part by part, and its workflow appears all at once", async () => {
    const text = JSON.stringify([longBundle("Long", 800), bundleOf("Short")]);
    expect(text.length).toBeGreaterThan(2 * 1_000_000);
    const padded = `${" ".repeat(6 * MB)}${text}`;
    const { status, body } = await upload(padded);
    expect(status).toBe(202);
    const state = await ended(body.importId);
    expect(state).toMatchObject({
      status: "succeeded",
      total: 2,
      summary: { created: 2 },
      results: [{ name: "Long", warnings: [] }, { name: "Short" }],
    });
    const id = state.results[0]?.workflowId;
    const count = async (table: string) =>
      env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE workspace_id = ?1 AND workflow_id = ?2`)
        .bind(ada.workspaceId, id)
        .first("n");
    expect(await Promise.all(["executions", "versions", "version_tags", "schedules", "webhooks"].map(count))).toEqual([
      800, 1, 1, 1, 1,
    ]);
    const steps = await env.DB.prepare(
      "SELECT count(*) AS n FROM steps WHERE workspace_id = ?1 AND execution_id IN (SELECT id FROM executions WHERE workflow_id = ?2)",
    )
      .bind(ada.workspaceId, id)
      .first("n");
    expect(steps).toBe(1_600);
    expect(await staged()).toBe(0);
    const { body: fks } = { body: (await env.DB.prepare("PRAGMA foreign_key_check").all()).results };
    expect(fks).toEqual([]);
    expect((await ada.send("DELETE", `/api/workflows/${id}`)).status).toBe(204);
  });

  test("over 50 MB is refused while it comes in, and leaves nothing in R2", async () => {
    const before = await countRows();
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        if (sent > 80) controller.close();
        else controller.enqueue(new Uint8Array(MB).fill(0x20));
      },
    });
    const { status, body } = await upload(endless);
    expect([status, body.error.code]).toEqual([413, "body_too_large"]);
    expect(sent).toBeLessThan(60);
    expect(await objects()).toEqual([]);
    expect(await countRows()).toEqual(before);
  });

  test("as a ZIP with a hostile directory is refused to its sender, and leaves nothing", async () => {
    const before = await countRows();
    const noise = crypto.getRandomValues(new Uint8Array(60_000));
    const big = Array.from({ length: 100 }, (_, place) => ({
      name: `workflows/${place}.json`,
      data: noise,
      stored: true,
    }));
    const { status, body } = await upload(zipOf([...big, { name: "../../etc/cron.d/x", data: "x" }]));
    expect([status, body.error.code]).toEqual([422, "archive_refused"]);
    expect(await objects()).toEqual([]);
    expect(await countRows()).toEqual(before);
  });

  test("as a bulk export is read entry by entry, and one that is damaged inside fails whole", async () => {
    const pad = "p".repeat(60_000);
    const files = many(100, "Bulk").map((bundle, place) => ({
      name: `workflows/${place}-bulk.json`,
      data: JSON.stringify({
        ...bundle,
        workflow: { ...bundle.workflow, description: "d" },
        exportedAt: `${pad}${place}`,
      }),
      stored: true,
    }));
    const manifest = JSON.stringify({ version: "1.0", workflows: files.map(({ name }) => ({ name, path: name })) });
    const good = zipOf([{ name: "manifest.json", data: manifest }, ...files]);
    expect(good.length).toBeGreaterThan(5 * MB);
    const { body } = await upload(good);
    expect(await ended(body.importId)).toMatchObject({ status: "succeeded", total: 100, summary: { created: 100 } });

    const damaged = zipOf([
      { name: "manifest.json", data: manifest },
      ...files.slice(0, 99),
      { ...files[99], name: "workflows/99-bulk.json", claims: { crc: 9 } },
    ]);
    const state = await ended((await upload(damaged, "?conflict=overwrite")).body.importId);
    expect(state).toMatchObject({ status: "failed", done: 0, errors: [{ path: "workflows/99-bulk.json" }] });
    expect(await objects()).toEqual([]);
  });
});

/** An import whose message is ours to deliver: nothing is sent by itself. */
async function quietImport(list: unknown[], query = "") {
  const sent: unknown[] = [];
  const bucket = env.EXPORTS;
  const { importUpload } = await import("../../src/transfer/import-upload.ts");
  const ports: RunPorts = {
    ...importPorts({ ENCRYPTION_KEY: env.ENCRYPTION_KEY }),
    bucket,
    send: async (message) => {
      sent.push(message);
    },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(list));
  async function* pieces() {
    yield bytes;
  }
  const conflict = query === "" ? ("rename" as const) : ("overwrite" as const);
  const outcome = await importUpload(ctxOf(ada), ports, {
    pieces: pieces(),
    conflict,
    dryRun: false,
    keyOf: async () => undefined,
  });
  if (!outcome.queued) throw new Error("the file was small");
  const message = { kind: "import" as const, workspaceId: ada.workspaceId, importId: outcome.importId };
  return { ports, message, sent, importId: outcome.importId };
}

describe("whatever happens to the message", { timeout: 30_000 }, () => {
  test("delivered twice at once and once more, everything is imported once", async () => {
    const { ports, message, importId } = await quietImport([
      ...many(21, "Delivered"),
      longBundle("Delivered long", 600),
    ]);
    await Promise.all([runImport(ctxOf(ada), ports, message), runImport(ctxOf(ada), ports, message)]);
    await runImport(ctxOf(ada), ports, message);
    expect(await read(importId)).toMatchObject({ status: "succeeded", done: 22, total: 22 });
    expect(
      (await workflowsCalled("Delivered")).filter(({ workspace_id }) => workspace_id === ada.workspaceId).length,
    ).toBe(22);
  });

  test("a consumer that dies goes on where it stopped", async () => {
    const { ports, message, importId } = await quietImport(many(22, "Died"));
    const dying = ctxOf(ada);
    let batches = 0;
    const d1 = new Proxy(dying.db.d1, {
      get(target, name) {
        if (name === "batch") {
          return async (statements: D1PreparedStatement[]) => {
            batches += 1;
            if (batches > 12) throw new Error("Network connection lost.");
            return target.batch(statements);
          };
        }
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await expect(runImport({ ...dying, db: { ...dying.db, d1 } }, ports, message)).rejects.toThrow(
      "Network connection lost",
    );
    const halfway = await read(importId);
    expect(halfway).toMatchObject({ status: "running", total: 22 });
    expect(halfway.done).toBeGreaterThan(0);
    await runImport(ctxOf(ada), ports, message);
    expect(await read(importId)).toMatchObject({ status: "succeeded", done: 22 });
    expect((await workflowsCalled("Died")).length).toBe(22);
  });

  test("one that got lost is sent again by the cron, and given up in the end", async () => {
    const { ports, message, sent, importId } = await quietImport(many(21, "Lost"));
    sent.length = 0;
    let now = Date.now();
    const tidy = (ahead: number) => {
      now += ahead;
      const clock = { now: () => now };
      return tidyImports(
        ctxOf(ada).db,
        { ...ports, ctxOf: () => ctxOf({ workspaceId: ada.workspaceId, userId: null }, { clock }) },
        now,
      );
    };
    await tidy(1_000);
    expect(sent).toEqual([]);
    for (let tick = 0; tick < 4; tick += 1) await tidy(24 * 3_600_000);
    expect(sent).toEqual([message, message, message, message]);
    await tidy(24 * 3_600_000);
    expect(await read(importId)).toMatchObject({ status: "failed" });
    expect(await objects()).toEqual([]);
    await runImport(ctxOf(ada), ports, message);
    expect(await workflowsCalled("Lost")).toEqual([]);
  });

  test("rows that were gathered and never shown are removed, and were never seen", async () => {
    const { ports, message } = await quietImport([...many(20, "Gathered"), longBundle("Gathered long", 900)]);
    const dying = ctxOf(ada);
    const d1 = new Proxy(dying.db.d1, {
      get(target, name) {
        if (name === "batch") {
          return async (statements: D1PreparedStatement[]) => {
            // The move is the one batch of more than eight statements that this import makes.
            if (statements.length > 12) throw new Error("Network connection lost.");
            return target.batch(statements);
          };
        }
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await expect(runImport({ ...dying, db: { ...dying.db, d1 } }, ports, message)).rejects.toThrow(
      "Network connection lost",
    );
    expect(await staged()).toBeGreaterThan(0);
    const { body } = await ada.send<{ items: { name: string }[] }>("GET", "/api/workflows?limit=200");
    expect(body.items.some(({ name }) => name === "Gathered long")).toBe(false);
    const later = Date.now() + 2 * 3_600_000;
    await tidyImports(dying.db, { ...ports, ctxOf: () => ctxOf(ada) }, later);
    expect(await staged()).toBe(0);
    expect(
      await env.DB.prepare("SELECT count(*) AS n FROM deleted_workflows WHERE workspace_id LIKE 'importing:%'").first(
        "n",
      ),
    ).toBe(0);
    expect(
      await env.DB.prepare("SELECT count(*) AS n FROM steps WHERE workspace_id LIKE 'importing:%'").first("n"),
    ).toBe(0);
  });

  test("an upload that broke off is forgotten, file and row, by the Worker's own cron", async () => {
    const key = `imports/${ada.workspaceId}/broken`;
    await env.EXPORTS.put(key, "half a file");
    await env.DB.prepare(
      "INSERT INTO imports (workspace_id, id, status, file_key, conflict, dry_run, created_at, updated_at, wake_at) VALUES (?1, 'broken', 'uploading', ?2, 'skip', 0, 1, 1, 1)",
    )
      .bind(ada.workspaceId, key)
      .run();
    const context = createExecutionContext();
    await worker.scheduled(createScheduledController({ scheduledTime: Date.now() }), env, context);
    await waitOnExecutionContext(context);
    expect((await ada.send("GET", "/api/imports/broken")).status).toBe(404);
    expect(await objects()).not.toContain(key);
  });

  test("a message of an import that is gone is acknowledged", async () => {
    const body = { kind: "import", workspaceId: ada.workspaceId, importId: "gone" };
    const batch = createMessageBatch("executions", [{ id: "1", timestamp: new Date(), body, attempts: 1 }]);
    const context = createExecutionContext();
    await worker.queue(batch, env, context);
    expect((await getQueueResult(batch, context)).explicitAcks).toEqual(["1"]);
  });
});
