import { z } from "zod";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient } from "../db/transient.ts";
import {
  asDraftConflict,
  ensureVersionOfDraft,
  expectRevision,
  findVersion,
  getVersion,
  type PinnedVersion,
  type VersionView,
} from "../versions/index.ts";
import type { WorkflowView } from "./inputs.ts";
import { getWorkflow, readBack, viewOfBatch } from "./read-workflows.ts";
import { validateWorkflow } from "./validate-workflow.ts";

export interface Restored {
  workflow: WorkflowView;
  /** The version that the restore made, or the head when it held this content already. */
  version: VersionView;
  unchanged: boolean;
  /** Faults that the restored definition has by today's rules: it is restored all the same. */
  warnings: { code: string; path: string; message: string }[];
}

/** Each lost race means that somebody else's save went through, so that a few tries always suffice. */
const MAX_TRIES = 5;

const headSchema = z.object({ id: z.string(), content_hash: z.string() });

/**
 * Makes a version's content the draft again, and commits it as "Restored from version N" on top of the head: history
 * only grows. A draft that is in no version yet is kept as an automatic one first. All in one batch.
 * Throws `workflow_not_found`, `version_not_found`, and `draft_conflict` when the draft is not the one that the caller
 * has seen.
 */
export async function restoreVersion(
  ctx: Ctx,
  workflowId: string,
  reference: string,
  expectedRevision?: number,
): Promise<Restored> {
  const versionId = ctx.ids.next();
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const { draftHash } = await getWorkflow(ctx, workflowId);
    const target = await findVersion(ctx, workflowId, reference);
    const { head, results } = await send(ctx, [
      ...expectRevision(ctx, { workflowId, expectedRevision, versionId }),
      ...restoring(ctx, { workflowId, versionId, draftHash, target }),
      readBack(ctx, workflowId),
    ]);
    // The version was amended or pruned since it was read, and its content is gone: what was read is not restored.
    if (head.content_hash !== target.contentHash) continue;
    const { errors, warnings } = validateWorkflow(target.definition, target.losses);
    return {
      // Read in the batch: read later, the revision may be that of somebody else's save.
      workflow: viewOfBatch(results, target.definition),
      version: await getVersion(ctx, head.id),
      unchanged: head.id !== versionId,
      warnings: [...errors, ...warnings],
    };
  }
  throw new DomainError("draft_conflict", "This version is being saved again and again. Restore it once that is over.");
}

interface Sent {
  /** The newest version as the batch left it. */
  head: z.infer<typeof headSchema>;
  results: D1Result[];
}

/** Sends the batch, whose last but one statement reads the newest version. */
async function send(ctx: Ctx, statements: D1PreparedStatement[]): Promise<Sent> {
  try {
    const results = await retryTransient(() => ctx.db.d1.batch(statements));
    const [head] = z.array(headSchema).parse(results.at(-2)?.results);
    if (head) return { head, results };
  } catch (error) {
    throw asDraftConflict(error);
  }
  throw new DomainError("workflow_not_found", "There is no such workflow in this workspace.");
}

interface Restoring {
  workflowId: string;
  /** The id of the version that is made. */
  versionId: string;
  draftHash: string;
  target: PinnedVersion;
}

function restoring(ctx: Ctx, { workflowId, versionId, draftHash, target }: Restoring): D1PreparedStatement[] {
  const now = ctx.clock.now();
  const message = `Restored from version ${target.number}`;
  return [
    ctx.db.d1
      .prepare("UPDATE snapshots SET touched_at = ?3 WHERE workspace_id = ?1 AND hash IN (?2, ?4)")
      .bind(ctx.workspaceId, target.contentHash, now, draftHash),
    ensureVersionOfDraft(ctx.db, {
      workspaceId: ctx.workspaceId,
      workflowId,
      versionId: ctx.ids.next(),
      contentHash: draftHash,
      message: "Kept before a restore",
      createdBy: ctx.userId,
      now,
    }),
    ctx.db.d1
      .prepare(
        `INSERT INTO versions (workspace_id, id, workflow_id, number, kind, message, content_hash, parent_version_id, created_by, created_at)
         SELECT head.workspace_id, ?3, head.workflow_id, head.number + 1, 'restore', ?4, ?5, head.id, ?6, ?7
         FROM versions head WHERE head.workspace_id = ?1 AND head.workflow_id = ?2 AND head.content_hash <> ?5
           AND head.number = (SELECT max(number) FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2)
           AND EXISTS (SELECT 1 FROM snapshots WHERE workspace_id = ?1 AND hash = ?5)`,
      )
      .bind(ctx.workspaceId, workflowId, versionId, message, target.contentHash, ctx.userId, now),
    ctx.db.d1
      .prepare(
        `UPDATE workflows SET draft_hash = ?3, revision = revision + 1, updated_at = ?4
         WHERE workspace_id = ?1 AND id = ?2 AND draft_hash <> ?3
           AND EXISTS (SELECT 1 FROM snapshots WHERE workspace_id = ?1 AND hash = ?3)`,
      )
      .bind(ctx.workspaceId, workflowId, target.contentHash, now),
    ctx.db.d1
      .prepare(
        `SELECT id, content_hash FROM versions WHERE workspace_id = ?1 AND workflow_id = ?2
         ORDER BY number DESC LIMIT 1`,
      )
      .bind(ctx.workspaceId, workflowId),
  ];
}
