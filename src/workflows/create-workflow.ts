import type { Ctx } from "../db/context.ts";
import { assertDefinitionSize, type Definition } from "../definitions/index.ts";
import { encodeSnapshot, saveSnapshot } from "../versions/index.ts";
import type { WorkflowView } from "./inputs.ts";
import { readBack, viewOfBatch } from "./read-workflows.ts";

interface NewWorkflow {
  name: string;
  description: string | null;
  definition: Definition;
}

/** Creates a workflow with a draft and no version yet. A draft with faults is kept: `validate` names them. */
export async function createWorkflow(ctx: Ctx, input: NewWorkflow): Promise<WorkflowView> {
  assertDefinitionSize(input.definition);
  const snapshot = await encodeSnapshot(input.definition);
  const now = ctx.clock.now();
  const id = ctx.ids.next();
  const results = await ctx.db.d1.batch([
    saveSnapshot(ctx.db, ctx.workspaceId, snapshot, now),
    ctx.db.d1
      .prepare(
        `INSERT INTO workflows (workspace_id, id, name, description, draft_hash, revision, created_by, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?7)`,
      )
      .bind(ctx.workspaceId, id, input.name, input.description, snapshot.hash, ctx.userId, now),
    readBack(ctx, id),
  ]);
  return viewOfBatch(results, input.definition);
}
