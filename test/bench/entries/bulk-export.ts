import { z } from "zod";
import { type Account, signUp } from "../../support/account.ts";
import { createWorkflow } from "../../support/workflows.ts";
import { compared, type Figures } from "../figure.ts";
import { type MeteredInstance, startMeteredInstance } from "../metered-instance.ts";
import { watchGrowth } from "../resident.ts";
import { until } from "../until.ts";

const DISTINCT = 50;
const COPIES = 20;
const AGENTS = 12;
const PROMPT_CHARACTERS = 2_000;
const EXECUTIONS = 5;
const MB = 1024 * 1024;

/** The workspace into which the control writes. */
const CONTROL = "control";

const meSchema = z.object({ workspace: z.object({ id: z.string() }) });
const startedSchema = z.object({ exportId: z.string() });
const importStartedSchema = z.object({ importId: z.string() });
const importSchema = z.looseObject({ status: z.string(), done: z.number() });
const exportSchema = z.object({ status: z.string(), done: z.number(), sizeBytes: z.number().nullable() });

/**
 * What V8 may give to the objects of one isolate. With the part of 5 MB that is on its way to R2 and a bundle of 8 MB as
 * bytes, which are no objects of V8, it makes 61.
 */
const HEAP_LIMIT_MB = 48;

/**
 * A bulk export of 1,000 workflows of 12 agents, each with its two versions and five executions, from the request to
 * the file that is ready. The heap is not sampled, since a busy isolate does not answer: V8 is held to a limit and ends
 * the runtime that needs more, so that the entry fails. What lies outside of it shows in the growth of the process, with
 * all that Miniflare's D1 and R2 take for themselves.
 *
 * The controls (`worker/bare-copy.ts`) move the rows that the file holds through the same D1 with one batch a workflow:
 * read and made JSON of for the export, read and written into another workspace for the import. They neither check, pack
 * nor unpack anything, find no free names and survive no interruption: the ratios are what that costs. They work on what
 * was imported, since an export leaves out history that no import would take. Each is measured once: one round of it all
 * takes well over a minute.
 */
export async function bulkExport(): Promise<Figures> {
  const swarm = await startMeteredInstance({ consume: true, heapLimitMb: HEAP_LIMIT_MB });
  try {
    const person = await signUp(swarm.url);
    await fill(swarm, person);
    await swarm.invocations();
    const growth = watchGrowth();
    const beganAt = performance.now();
    const { size, exportId } = await exportAll(person);
    const ms = performance.now() - beganAt;
    const grownMb = growth?.mb();
    const job = (await swarm.invocations()).find(({ kind }) => kind === "queue");
    if (!job) throw new Error("No invocation of the queue was counted.");
    const other = await signUp(swarm.url);
    const importMs = await importInto(swarm, other, await downloaded(swarm, person, exportId));
    const imported = await workspaceOf(other);
    const readMs = await msToCopy(swarm, imported, null);
    const writtenMs = await msToCopy(swarm, imported, CONTROL);
    await requireSameRows(swarm, imported);
    return {
      "bulk_export.workflows_1000_ms": compared([{ value: ms, control: readMs }], "ms"),
      "bulk_export.heap_within_mb": { value: HEAP_LIMIT_MB, unit: "MB", aim: "< 64" },
      ...(grownMb === undefined ? {} : { "bulk_export.process_growth_mb": { value: grownMb, unit: "MB" } }),
      "bulk_export.file_mb": { value: size / MB, unit: "MB" },
      "bulk_export.queries": { value: job.total.queries, unit: "queries", aim: "< 1000" },
      "import.workflows_1000_ms": compared(
        [{ value: importMs, control: writtenMs }],
        "ms, of the same file and under the same limit",
      ),
    };
  } finally {
    await swarm.stop();
  }
}

async function fill(swarm: MeteredInstance, person: Account): Promise<void> {
  for (let number = 0; number < DISTINCT; number += 1) {
    const nodes = Array.from({ length: AGENTS }, (_, place) => `n${place}`);
    const agents = () => Object.fromEntries(nodes.map((node) => [node, { prompt: prose(PROMPT_CHARACTERS) }]));
    const id = await createWorkflow(person, nodes, { agents: agents() });
    const path = `/api/workflows/${id}`;
    await person.request("POST", `${path}/versions`, { commitMessage: "First" });
    const { body } = await person.request("GET", path);
    const draft = z.looseObject({ agents: z.array(z.record(z.string(), z.unknown())) }).parse(body);
    const changed = draft.agents.map((agent) => ({ ...agent, prompt: prose(PROMPT_CHARACTERS) }));
    await person.request("PUT", path, { ...draft, agents: changed });
    await person.request("POST", `${path}/versions`, { commitMessage: "Second" });
  }
  for (let copy = 1; copy < COPIES; copy += 1) {
    await swarm.query(
      `INSERT INTO workflows (workspace_id, id, name, draft_hash, revision, created_at, updated_at)
       SELECT workspace_id, ?1 || id, name, draft_hash, 1, created_at, updated_at FROM workflows WHERE length(id) = 36`,
      `${copy}-`,
    );
    await swarm.query(
      `INSERT INTO versions (workspace_id, id, workflow_id, number, kind, message, content_hash, created_at)
       SELECT workspace_id, ?1 || id, ?1 || workflow_id, number, kind, message, content_hash, created_at
       FROM versions WHERE length(id) = 36`,
      `${copy}-`,
    );
  }
  for (let number = 0; number < EXECUTIONS; number += 1) {
    await swarm.query(
      `INSERT INTO executions (workspace_id, id, workflow_id, version_id, version_number, content_hash, status, trigger_type, input, created_at, started_at, completed_at, deadline_at)
       SELECT workspace_id, ?1 || workflow_id, workflow_id, id, number, content_hash, 'succeeded', 'manual', '"go"', 1, 1, 2, 3
       FROM versions WHERE number = 2`,
      `e${number}-`,
    );
  }
  await swarm.query(
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${AGENTS - 1})
     INSERT INTO steps (workspace_id, execution_id, node_id, agent_id, name, position, status, waiting, taken, output, edges_taken)
     SELECT workspace_id, id, 'n' || i, 'agent-n' || i, 'n' || i, i, 'succeeded', 0, 0, hex(randomblob(500)), '[]' FROM executions, n`,
  );
}

/** Exports everything, and answers the bytes of the file. */
async function exportAll(person: Account): Promise<{ size: number; exportId: string }> {
  const options = {
    all: true,
    includeExecutions: true,
    includeVersions: true,
    includeSchedules: true,
    includeWebhooks: true,
  };
  const begun = await person.request("POST", "/api/workflows/bulk-export", options);
  const { exportId } = startedSchema.parse(begun.body);
  return until("The end of the export", async () => {
    const view = exportSchema.parse((await person.request("GET", `/api/exports/${exportId}`)).body);
    if (view.status === "ready" && view.sizeBytes !== null) {
      if (view.done !== DISTINCT * COPIES) throw new Error(`${view.done} workflows are in the file.`);
      return { size: view.sizeBytes, exportId };
    }
    if (view.status === "failed") throw new Error(`The export failed: ${JSON.stringify(view)}`);
    return undefined;
  });
}

async function downloaded(swarm: MeteredInstance, person: Account, exportId: string): Promise<ArrayBuffer> {
  const response = await fetch(`${swarm.url}/api/exports/${exportId}/download`, { headers: person.headers });
  if (!response.ok) throw new Error(`The download answered ${response.status}.`);
  return response.arrayBuffer();
}

/** Brings the file into a workspace of somebody else, and answers how long (ms) it took from the upload to the end. */
async function importInto(swarm: MeteredInstance, other: Account, file: ArrayBuffer): Promise<number> {
  const beganAt = performance.now();
  const response = await fetch(`${swarm.url}/api/workflows/import`, {
    method: "POST",
    headers: { ...other.headers, "Content-Type": "application/zip" },
    body: file,
  });
  const { importId } = importStartedSchema.parse(await response.json());
  return until("The end of the import", async () => {
    const view = importSchema.parse((await other.request("GET", `/api/imports/${importId}`)).body);
    if (view.status === "succeeded" && view.done === DISTINCT * COPIES) return performance.now() - beganAt;
    if (view.status === "failed") throw new Error(`The import failed: ${JSON.stringify(view)}`);
    return undefined;
  });
}

async function workspaceOf(person: Account): Promise<string> {
  return meSchema.parse((await person.request("GET", "/api/me")).body).workspace.id;
}

/** How long (ms) a bare Worker takes to read a workspace's workflows, or to copy them into another workspace. */
async function msToCopy(swarm: MeteredInstance, from: string, to: string | null): Promise<number> {
  const query = new URLSearchParams({ from, ...(to === null ? {} : { to }) });
  const beganAt = performance.now();
  const answer = await fetch(`${swarm.url}/api/bench/copy?${query}`);
  const ms = performance.now() - beganAt;
  if (!answer.ok) throw new Error(`The control answered ${answer.status}: ${await answer.text()}`);
  if (Number(await answer.text()) < MB) throw new Error("The control found nothing to copy.");
  return ms;
}

/** A control that wrote something else than the import would compare nothing. */
async function requireSameRows(swarm: MeteredInstance, imported: string): Promise<void> {
  for (const table of ["workflows", "versions", "executions", "steps"]) {
    const [counts] = await swarm.query(
      `SELECT sum(workspace_id = ?1) AS imported, sum(workspace_id = ?2) AS copied FROM ${table}`,
      imported,
      CONTROL,
    );
    if (counts?.imported !== counts?.copied) throw new Error(`Of ${table} there are ${JSON.stringify(counts)}.`);
  }
}

/** A text of made-up words: it is compressed about as well as what people write. */
function prose(length: number): string {
  let text = "";
  while (text.length < length)
    text += `${Math.random()
      .toString(36)
      .slice(2, 4 + Math.floor(Math.random() * 6))} `;
  return text.slice(0, length);
}
