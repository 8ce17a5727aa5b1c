import { DAY_MS } from "../core/clock.ts";
import type { Ctx } from "../db/context.ts";
import { readRetention, saveSnapshot } from "../versions/index.ts";
import { validateWorkflow } from "../workflows/index.ts";
import { historyRows } from "./import-history.ts";
import type { ImportPorts } from "./import-ports.ts";
import type { Note } from "./import-results.ts";
import type { ImportBundle } from "./import-schema.ts";
import { type TriggerRows, triggerRows } from "./import-triggers.ts";
import { type VersionRows, versionRows } from "./import-versions.ts";
import { insertRows, type Row } from "./insert-rows.ts";

/** A workflow of a file as the rows that it becomes, with ids of its own. */
export interface ImportedWorkflow {
  workflowId: string;
  description: string | null;
  versions: VersionRows;
  triggers: TriggerRows;
  executions: Row[];
  steps: Row[];
  warnings: Note[];
}

/** By the id of a workflow where it was exported, its id here. */
export type WorkflowHere = (sourceId: string) => string | undefined;

/** Where and as what a bundle becomes a workflow. */
export interface Arrival {
  workflowId: string;
  workflowHere: WorkflowHere;
  /** What the first version is called when the bundle has none. */
  firstMessage?: string | undefined;
}

/** Prepares a bundle for being written as a new workflow: nothing is written yet. */
export async function importedWorkflow(
  ctx: Ctx,
  ports: ImportPorts,
  bundle: ImportBundle,
  { workflowId, workflowHere, firstMessage = "Imported" }: Arrival,
): Promise<ImportedWorkflow> {
  const versions = await versionRows(ctx, bundle, { workflowId, message: firstMessage });
  const triggers = await triggerRows(ctx, ports, bundle, { workflowId, versions, workflowHere });
  const history = historyRows(ports, bundle, { workflowId, versions, now: ctx.clock.now() });
  const { executions, steps } = history;
  const warnings = [
    ...draftWarnings(bundle),
    ...triggers.warnings,
    ...history.warnings,
    ...(await ageWarnings(ctx, executions)),
  ];
  return { workflowId, description: bundle.workflow.description, versions, triggers, executions, steps, warnings };
}

/** History that is older than the workspace keeps any goes again with the next pruning: said while it can be kept. */
async function ageWarnings(ctx: Ctx, executions: readonly Row[]): Promise<Note[]> {
  if (executions.length === 0) return [];
  const { executionDays } = await readRetention(ctx);
  if (executionDays === null) return [];
  const since = ctx.clock.now() - executionDays * DAY_MS;
  const old = executions.filter(({ created_at: at }) => typeof at === "number" && at < since).length;
  if (old === 0) return [];
  const many = old === 1 ? "one is" : `${old} are`;
  const message = `${many} older than the ${executionDays} days that this workspace keeps executions, and will be removed soon. Raise executionDays in the settings and import again to keep them`;
  return [{ path: "executions", message }];
}

/** What keeps an imported draft from being executed: it is imported all the same, as it can be saved. */
export function draftWarnings(bundle: ImportBundle): Note[] {
  const { nodes, edges, settings } = bundle.workflow;
  const { errors, warnings } = validateWorkflow({ nodes, edges, agents: bundle.agents, settings });
  return [...errors, ...warnings].map(({ path, message }) => ({
    path: path.startsWith("agents") ? path : `workflow.${path}`,
    message,
  }));
}

/**
 * The statements that write an imported workflow under a name, to be sent in one batch, or one after the other into a
 * workspace that nobody sees. The first but the snapshots fails (CHECK `revision_is_current`) when the name was taken
 * meanwhile. They may be sent again.
 */
export function insertWorkflow(
  ctx: Ctx,
  imported: ImportedWorkflow,
  { name, workspaceId }: { name: string; workspaceId: string },
): D1PreparedStatement[] {
  const { d1 } = ctx.db;
  const now = ctx.clock.now();
  const { versions, triggers } = imported;
  return [
    ...[...versions.snapshots.values()].map((snapshot) => saveSnapshot(ctx.db, workspaceId, snapshot, now)),
    d1
      .prepare(
        `INSERT INTO workflows (workspace_id, id, name, description, draft_hash, revision, created_by, created_at, updated_at, conflict)
         SELECT ?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?7,
           EXISTS (SELECT 1 FROM workflows w INDEXED BY workflows_by_name WHERE w.workspace_id = ?1 AND w.name = ?3 AND w.id <> ?2)
         WHERE true ON CONFLICT (workspace_id, id) DO NOTHING`,
      )
      .bind(workspaceId, imported.workflowId, name, imported.description, versions.draftHash, ctx.userId, now),
    ...insertRows(d1, workspaceId, "versions", versions.versions),
    ...insertRows(d1, workspaceId, "version_tags", versions.tags),
    ...insertRows(d1, workspaceId, "schedules", triggers.schedules),
    ...insertRows(d1, workspaceId, "webhooks", triggers.webhooks),
    ...insertRows(d1, workspaceId, "executions", imported.executions),
    ...insertRows(d1, workspaceId, "steps", imported.steps),
  ];
}
