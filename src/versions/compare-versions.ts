import type { Ctx } from "../db/context.ts";
import type { Definition } from "../definitions/index.ts";
import { assertWorkflow, draftOf } from "./draft-of.ts";
import { findVersion } from "./find-version.ts";
import type { VersionView } from "./inputs.ts";
import { getVersion } from "./read-versions.ts";
import { compareDefinitions, type DefinitionDiff } from "./rules/compare-definitions.ts";

/** One side of a comparison: a version with its statistics, or the draft, which has none. */
export type ComparedSide = { draft: true } | ({ draft: false } & VersionView);

export interface VersionComparison extends DefinitionDiff {
  from: ComparedSide;
  to: ComparedSide;
}

/**
 * Everything that differs between two of a workflow's versions, each named by id, number, tag or `draft`.
 * Throws `workflow_not_found` and `version_not_found`.
 */
export async function compareVersions(
  ctx: Ctx,
  workflowId: string,
  from: string,
  to: string,
): Promise<VersionComparison> {
  await assertWorkflow(ctx, workflowId);
  const [before, after] = await Promise.all([sideOf(ctx, workflowId, from), sideOf(ctx, workflowId, to)]);
  return { from: before.side, to: after.side, ...compareDefinitions(before.definition, after.definition) };
}

async function sideOf(
  ctx: Ctx,
  workflowId: string,
  reference: string,
): Promise<{ side: ComparedSide; definition: Definition }> {
  if (reference === "draft") return { side: { draft: true }, definition: await draftOf(ctx, workflowId) };
  const { id, definition } = await findVersion(ctx, workflowId, reference);
  return { side: { draft: false, ...(await getVersion(ctx, id)) }, definition };
}
