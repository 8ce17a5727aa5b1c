import type { Ctx } from "../db/context.ts";
import { assertDefinitionSize, type Definition } from "../definitions/index.ts";
import {
  asDraftConflict,
  assertWorkflow,
  dropReplacedDraft,
  encodeSnapshot,
  keepFirstDraft,
  leaveAutoVersion,
  saveSnapshot,
} from "../versions/index.ts";
import type { WorkflowView } from "./inputs.ts";
import { readBack, viewOfBatch } from "./read-workflows.ts";

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
 * Replaces a workflow's draft and leaves an automatic version of it, both or neither. What is replaced is not decoded:
 * a save is how a draft that today's schema no longer takes is mended. The answer is the workflow as this save left it,
 * read in the same batch: read later, its revision may be that of somebody else's save, who would be overwritten by it.
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
  const { workspaceId } = ctx;
  const { workflowId } = input;
  const version = { workspaceId, workflowId, contentHash: snapshot.hash, createdBy: ctx.userId, now };
  const first = keepFirstDraft(ctx.db, { ...version, versionId: ctx.ids.next(), message: "As it was created" });
  const [amend, follow] = leaveAutoVersion(ctx.db, {
    ...version,
    versionId: ctx.ids.next(),
    message: "Saved automatically",
  });
  const replaced = dropReplacedDraft(ctx.db, { workspaceId, workflowId, nextHash: snapshot.hash });
  await assertWorkflow(ctx, workflowId);
  const statements = [saveSnapshot(ctx.db, workspaceId, snapshot, now), first, amend, replaced, update, follow];
  try {
    const results = await ctx.db.d1.batch([...statements, readBack(ctx, workflowId)]);
    return viewOfBatch(results, input.definition);
  } catch (error) {
    throw asDraftConflict(error);
  }
}
