import { env } from "cloudflare:workers";
import { unzipSync } from "fflate";
import { z } from "zod";
import { createWorkflow, definitionOf } from "../worker/workflows.ts";
import { type Story, story } from "./scenario.ts";

const ONCE = { "Idempotency-Key": "one" };
/** One more than an import does within its request. */
const MANY = 21;

const countSchema = z.number();

async function count(sql: string, ...values: string[]): Promise<number> {
  return countSchema.parse(
    await env.DB.prepare(sql)
      .bind(...values)
      .first("n"),
  );
}

function bundleOf(name: string, over: object = {}) {
  const { agents, ...graph } = definitionOf(["a>b"]);
  return { version: "1.0", exportedAt: "2026-11-01T00:00:00.000Z", workflow: { name, ...graph }, agents, ...over };
}

const manifestSchema = z.object({ workflows: z.array(z.object({ name: z.string(), path: z.string() })) });

/** What is wrong with the file of an export of so many workflows. */
async function faultsOfFile(key: string, workflows: number): Promise<string[]> {
  const object = await env.EXPORTS.get(key);
  if (object === null) return [`there is no ${key}`];
  const files = unzipSync(new Uint8Array(await object.arrayBuffer()));
  const read = (path: string): unknown => JSON.parse(new TextDecoder().decode(files[path]));
  const listed = manifestSchema.parse(read("manifest.json")).workflows;
  for (const { path } of listed) read(path);
  return listed.length === workflows ? [] : [`${listed.length} workflows in the file`];
}

const bulkExport = story({
  ...{ id: "export", name: "an export of several workflows to its file", executes: 0 },
  async before(world) {
    for (const edges of [["a>b"], ["a>b", "b>c"]]) await createWorkflow(world.account, edges);
  },
  async happens(world) {
    const request = { all: true, includeVersions: true, includeSchedules: true };
    const { body } = await world.insist<{ exportId: string }>("POST", "/api/workflows/bulk-export", request);
    await world.drain();
    if (body.exportId === undefined) throw new Error("an export has an id");
  },
  async faultsIn() {
    const { results } = await env.DB.prepare("SELECT workspace_id, id, status, attempt FROM exports").all<{
      workspace_id: string;
      id: string;
      status: string;
      attempt: number;
    }>();
    const faults = results.length === 0 ? ["there is no export"] : [];
    for (const { workspace_id, id, status, attempt } of results) {
      if (status !== "ready") faults.push(`an export is ${status}`);
      else faults.push(...(await faultsOfFile(`exports/${workspace_id}/${id}/${attempt}.zip`, 2)));
    }
    return faults;
  },
});

const importOfMany = story({
  ...{ id: "import-many", name: "an import that goes over the queue", executes: 0 },
  async before() {
    return JSON.stringify(Array.from({ length: MANY }, (_, place) => bundleOf(`Imported ${place}`)));
  },
  async happens(world, file) {
    await world.insist("POST", "/api/workflows/import", file, ONCE);
    await world.drain();
  },
  async faultsIn() {
    const imports = await count("SELECT count(*) AS n FROM imports WHERE status = 'succeeded'");
    const made = await count("SELECT count(*) AS n FROM workflows");
    const said = await count(
      "SELECT count(*) AS n FROM import_items i JOIN workflows w ON w.id = i.workflow_id WHERE i.result ->> 'action' = 'created'",
    );
    const failed = await count("SELECT count(*) AS n FROM import_items WHERE result ->> 'action' = 'failed'");
    if (imports === 1 && made === said && said === MANY && failed === 0) return [];
    return [`${imports} imports, ${made} workflows, of which the import names ${said} and ${failed} that failed`];
  },
});

const importOfOne = story({
  ...{ id: "import", name: "an import within its request", executes: 0 },
  async before() {
    const versions = [{ version: 1, commitMessage: "One", workflowData: definitionOf(["a>b"]), tags: ["stable"] }];
    const schedules = [{ cronExpression: "0 3 * * *", version: "stable" }];
    return JSON.stringify(bundleOf("Imported", { versions, schedules, webhooks: [{}] }));
  },
  async happens(world, file) {
    await world.insist("POST", "/api/workflows/import", file, ONCE);
  },
  async faultsIn() {
    const rows = await count(
      "SELECT (SELECT count(*) FROM workflows) * 100 + (SELECT count(*) FROM schedules) * 10 + (SELECT count(*) FROM webhooks) AS n",
    );
    return rows === 111 ? [] : [`workflows, schedules and webhooks are ${rows} instead of one each`];
  },
});

const restore = story({
  ...{ id: "restore", name: "a version that is restored", executes: 0 },
  async before(world) {
    const id = await createWorkflow(world.account, ["a>b"]);
    const path = `/api/workflows/${id}`;
    await world.insist("POST", `${path}/versions`, { commitMessage: "One" });
    await world.insist("PUT", path, definitionOf(["a>b", "b>c"]));
    return path;
  },
  async happens(world, path) {
    await world.insist("PUT", `${path}/restore/1`, {});
  },
  async faultsIn() {
    const restored = await count("SELECT count(*) AS n FROM versions WHERE kind = 'restore'");
    const current = await count(
      `SELECT count(*) AS n FROM workflows w JOIN versions v ON v.workflow_id = w.id AND v.content_hash = w.draft_hash
       WHERE v.number = 1`,
    );
    return restored === 1 && current === 1 ? [] : [`restored ${restored} times, and is ${current === 1} the draft`];
  },
});

export const TRANSFER: readonly Story[] = [bulkExport, importOfMany, importOfOne, restore];
