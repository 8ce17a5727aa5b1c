import type { Ctx } from "../db/context.ts";
import { assertDefinitionSize, type Definition } from "../definitions/index.ts";
import {
  asDraftConflict,
  dropReplacedDraft,
  encodeSnapshot,
  leaveAutoVersion,
  saveSnapshot,
} from "../versions/index.ts";
import type { WorkflowView } from "./inputs.ts";
import { getWorkflow } from "./read-workflows.ts";

interface Save {
  workflowId: string;
  /** Left out: stays as it is. */
  name?: string | undefined;
  description?: string | null | undefined;
  definition: Definition;
  /** The revision that the caller has seen. Left out: whatever there is, is replaced. */
  expectedRevision?: number | undefined;
}

/**
 * Replaces a workflow's draft and leaves an automatic version of it, both or neither.
 * Throws `workflow_not_found`, and `draft_conflict` when somebody saved since the caller looked.
 */
export async function saveWorkflow(ctx: Ctx, input: Save): Promise<WorkflowView> {
  assertDefinitionSize(input.definition);
  const snapshot = await encodeSnapshot(input.definition);
  const now = ctx.clock.now();
  const update = ctx.db.d1
    .prepare(
      `UPDATE workflows SET draft_hash = ?3, name = coalesce(?4, name),
         description = CASE WHEN ?5 THEN ?6 ELSE description END, revision = revision + 1, updated_at = ?7,
         conflict = CASE WHEN ?8 IS NULL OR revision = ?8 THEN 0 ELSE 1 END
       WHERE workspace_id = ?1 AND id = ?2`,
    )
    .bind(
      ctx.workspaceId,
      input.workflowId,
      snapshot.hash,
      input.name ?? null,
      input.description === undefined ? 0 : 1,
      input.description ?? null,
      now,
      input.expectedRevision ?? null,
    );
  const [amend, follow] = leaveAutoVersion(ctx.db, {
    workspaceId: ctx.workspaceId,
    workflowId: input.workflowId,
    versionId: ctx.ids.next(),
    contentHash: snapshot.hash,
    message: "Saved automatically",
    createdBy: ctx.userId,
    now,
  });
  const { workspaceId } = ctx;
  const replaced = dropReplacedDraft(ctx.db, { workspaceId, workflowId: input.workflowId, nextHash: snapshot.hash });
  await getWorkflow(ctx, input.workflowId);
  try {
    await ctx.db.d1.batch([saveSnapshot(ctx.db, ctx.workspaceId, snapshot, now), amend, replaced, update, follow]);
  } catch (error) {
    throw asDraftConflict(error);
  }
  return (await getWorkflow(ctx, input.workflowId)).view;
}
