import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { violatesCheck } from "../db/transient.ts";

interface Expectation {
  workflowId: string;
  /** The revision that the caller has seen. Left out: any will do. */
  expectedRevision: number | undefined;
  /** The version that the batch makes: where it exists the batch is sent a second time, and took effect the first. */
  versionId: string;
}

/** The statement, to stand first in a batch, that makes it fail when the draft is not the one that the caller has seen. */
export function expectRevision(ctx: Ctx, expected: Expectation): D1PreparedStatement[] {
  if (expected.expectedRevision === undefined) return [];
  return [
    ctx.db.d1
      .prepare(
        `UPDATE workflows SET conflict = CASE WHEN revision = ?3 THEN 0 ELSE 1 END
         WHERE workspace_id = ?1 AND id = ?2
           AND NOT EXISTS (SELECT 1 FROM versions WHERE workspace_id = ?1 AND id = ?4)`,
      )
      .bind(ctx.workspaceId, expected.workflowId, expected.expectedRevision, expected.versionId),
  ];
}

/** The error of a batch, as `draft_conflict` when that is why it failed. */
export function asDraftConflict(error: unknown): unknown {
  if (!violatesCheck(error, "revision_is_current")) return error;
  return new DomainError(
    "draft_conflict",
    "Somebody saved this workflow since you loaded it. Load it again and save your change on top.",
    { cause: error },
  );
}
