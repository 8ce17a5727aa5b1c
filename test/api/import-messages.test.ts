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
import { runImport, tidyImports } from "../../src/transfer/index.ts";
import { type Account, ctxOf, signUp } from "../worker/accounts.ts";
import { largeImports, longBundle, many, objects, staged, workflowsCalled } from "../worker/large-imports.ts";

let ada: Account;
beforeAll(async () => {
  ada = await signUp();
});
const { read, quietImport } = largeImports(() => ada);

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

  test("delivered once more while the first delivery ends, it is done: the file that went is not missed", async () => {
    const { ports, message, importId } = await quietImport(many(21, "Overtaken"));
    let reads = 0;
    const bucket = new Proxy(ports.bucket, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name !== "get") return value.bind(target);
        return async (...given: unknown[]) => {
          reads += 1;
          // The second reading is for the workflows: by now another delivery has ended it all.
          if (reads === 2) await runImport(ctxOf(ada), ports, message);
          return value.apply(target, given);
        };
      },
    });
    await runImport(ctxOf(ada), { ...ports, bucket }, message);
    expect(reads).toBe(2);
    expect(await read(importId)).toMatchObject({ status: "succeeded", done: 21 });
  });

  /** Runs an import until its twelfth batch. */
  async function runHalfway({ ports, message }: Awaited<ReturnType<typeof quietImport>>) {
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
  }

  test("a workflow that is deleted while its file is still being read keeps the others from nothing", async () => {
    const [first, second, ...others] = many(22, "Deleted").map((bundle, place) => ({
      ...bundle,
      workflow: { ...bundle.workflow, id: `deleted-${place}` },
    }));
    const schedules = [{ after: { workflowId: "deleted-21" } }];
    const quiet = await quietImport([{ ...first, schedules }, { ...second, schedules }, ...others]);
    await runHalfway(quiet);
    const gone = (await read(quiet.importId)).results[0]?.workflowId;
    expect((await ada.send("DELETE", `/api/workflows/${gone}`)).status).toBe(204);
    await runImport(ctxOf(ada), quiet.ports, quiet.message);
    const { status, results } = await read(quiet.importId);
    expect([status, results.length]).toEqual(["succeeded", 22]);
    const { body } = await ada.send<{ items: object[] }>("GET", `/api/workflows/${results[1]?.workflowId}/schedules`);
    expect(body.items).toMatchObject([{ after: { workflowId: results[21]?.workflowId } }]);
  });

  test("a consumer that dies goes on where it stopped", async () => {
    const quiet = await quietImport(many(22, "Died"));
    const { ports, message, importId } = quiet;
    await runHalfway(quiet);
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
