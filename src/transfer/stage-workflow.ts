import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import { type ImportedWorkflow, insertWorkflow } from "./imported-workflow.ts";

/** Statements of one round trip while rows are gathered. Each carries up to some hundred kilobytes. */
const AT_ONCE = 4;
/** The tables that hang on a workflow by their workspace, with the workflow first. */
const MOVED = ["workflows", "versions", "version_tags", "schedules", "webhooks", "executions"] as const;

/**
 * Gathers the rows of a workflow that is too large for one batch, in a workspace of its own that nobody belongs to.
 * Answers the statements that move them to where they belong, for one batch: until then nothing of it is to be seen,
 * and what is never moved the cron removes. The move fails (CHECK `revision_is_current`) when the name was taken
 * meanwhile, and (NOT NULL) when the cron came first.
 */
export async function stageWorkflow(
  ctx: Ctx,
  imported: ImportedWorkflow,
  name: string,
): Promise<(name: string) => D1PreparedStatement[]> {
  const { d1 } = ctx.db;
  const stage = `importing:${ctx.ids.next()}`;
  const open = d1
    .prepare("INSERT INTO import_stages (stage, created_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
    .bind(stage, ctx.clock.now());
  const statements = [open, ...insertWorkflow(ctx, imported, { name, workspaceId: stage })];
  for (let start = 0; start < statements.length; start += AT_ONCE) {
    await retryTransient(() => d1.batch(statements.slice(start, start + AT_ONCE)));
  }
  return (finalName) => moveStage(ctx, { stage, workflowId: imported.workflowId, name: finalName });
}

interface Stage {
  stage: string;
  workflowId: string;
  name: string;
}

function moveStage(ctx: Ctx, { stage, workflowId, name }: Stage): D1PreparedStatement[] {
  const { d1 } = ctx.db;
  const now = ctx.clock.now();
  return [
    // Parents move before their children, whose foreign keys lead nowhere in between.
    d1.prepare("PRAGMA defer_foreign_keys = on"),
    d1
      .prepare(
        `INSERT INTO import_stages (stage, created_at) SELECT ?1, CASE WHEN EXISTS
           (SELECT 1 FROM import_stages WHERE stage = ?1) THEN ?2 END WHERE true
         ON CONFLICT (stage) DO UPDATE SET created_at = excluded.created_at`,
      )
      .bind(stage, now),
    d1
      .prepare(
        `INSERT INTO snapshots (workspace_id, hash, encoding, content, touched_at)
         SELECT ?2, hash, encoding, content, ?3 FROM snapshots WHERE workspace_id = ?1
         ON CONFLICT (workspace_id, hash) DO UPDATE SET touched_at = excluded.touched_at`,
      )
      .bind(stage, ctx.workspaceId, now),
    d1
      .prepare(
        `UPDATE workflows SET name = ?3, conflict = EXISTS (SELECT 1 FROM workflows w INDEXED BY workflows_by_name
           WHERE w.workspace_id = ?2 AND w.name = ?3) WHERE workspace_id = ?1`,
      )
      .bind(stage, ctx.workspaceId, name),
    ...MOVED.map((table) =>
      d1.prepare(`UPDATE ${table} SET workspace_id = ?2 WHERE workspace_id = ?1`).bind(stage, ctx.workspaceId),
    ),
    // By their executions, since steps have no index by workspace.
    d1
      .prepare(
        `UPDATE steps SET workspace_id = ?1 WHERE execution_id IN
           (SELECT id FROM executions INDEXED BY executions_by_workflow WHERE workspace_id = ?1 AND workflow_id = ?2)`,
      )
      .bind(ctx.workspaceId, workflowId),
    d1.prepare("DELETE FROM snapshots WHERE workspace_id = ?1").bind(stage),
    d1.prepare("DELETE FROM import_stages WHERE stage = ?1").bind(stage),
  ];
}
