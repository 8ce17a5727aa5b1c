import { z } from "zod";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { Definition } from "../definitions/index.ts";
import { readSnapshot } from "./snapshots.ts";

const rowSchema = z.object({ encoding: z.enum(["json", "gzip"]), content: z.string() });

/** The draft of a workflow of the workspace. Throws `workflow_not_found`. */
export async function draftOf(ctx: Ctx, workflowId: string): Promise<Definition> {
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT s.encoding, s.content FROM workflows w
       JOIN snapshots s ON s.workspace_id = w.workspace_id AND s.hash = w.draft_hash
       WHERE w.workspace_id = ?1 AND w.id = ?2`,
    )
    .bind(ctx.workspaceId, workflowId)
    .run();
  const [row] = z.array(rowSchema).parse(results);
  if (!row) throw notFound();
  return (await readSnapshot(row)).definition;
}

/** Throws `workflow_not_found` unless the workflow is one of the workspace. */
export async function assertWorkflow(ctx: Ctx, workflowId: string): Promise<void> {
  const { results } = await ctx.db.d1
    .prepare("SELECT 1 FROM workflows WHERE workspace_id = ?1 AND id = ?2")
    .bind(ctx.workspaceId, workflowId)
    .run();
  if (results.length === 0) throw notFound();
}

function notFound(): DomainError {
  return new DomainError("workflow_not_found", "There is no such workflow in this workspace.");
}
