import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { zipOf } from "../support/zip.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { bundleOf } from "../worker/imports.ts";
import { largeImports, longBundle, many, objects, staged, workflowsCalled } from "../worker/large-imports.ts";
import { countRows } from "../worker/rows.ts";

let ada: Account;
beforeAll(async () => {
  ada = await signUp();
});
const { upload, ended } = largeImports(() => ada);
type Some = Record<string, unknown>;

const MB = 1024 * 1024;

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
      schedules: [
        { after: { workflowId: `source-${place + 1}` } },
        { cronExpression: "0 3 * * *", condition: { workflowId: `source-${place + 1}`, expression: "last" } },
      ],
    }));
    const { body } = await upload(JSON.stringify(chained));
    const { results } = await ended(body.importId);
    const { body: schedules } = await ada.send<{ items: Some[] }>(
      "GET",
      `/api/workflows/${results[0]?.workflowId}/schedules`,
    );
    const [next, last] = [results[1]?.workflowId, results[20]];
    expect(schedules.items.find(({ after }) => after !== null)).toMatchObject({
      after: { workflowId: next },
      enabled: false,
    });
    expect(schedules.items.find(({ after }) => after === null)).toMatchObject({
      condition: { workflowId: next, expression: "last" },
    });
    expect(last?.warnings).toMatchObject([{ path: "schedules[0].after" }, { path: "schedules[1].condition" }]);
    const { body: own } = await ada.send<{ items: Some[] }>("GET", `/api/workflows/${last?.workflowId}/schedules`);
    expect(own.items.map(({ condition }) => condition)).toEqual([{ expression: "last" }]);
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
