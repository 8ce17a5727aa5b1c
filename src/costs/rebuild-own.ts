import { isoTime } from "../core/clock.ts";
import type { Ctx } from "../db/context.ts";
import type { RebuildRequest, RebuiltView } from "./analytics-inputs.ts";
import { rebuildRollups } from "./rebuild-rollups.ts";
import { openRangeOf } from "./rules/asked-range.ts";

/** Of one request: four statements a day stay well within those that an invocation has. */
export const DAYS_AT_ONCE = 60;

/**
 * Makes the workspace's sums anew from its ledger, where nobody can run a command on the database: at most 60 days that
 * hold anything, and `next` is where to go on. Repeating it changes nothing. Throws `invalid_fields` when the range ends
 * before it starts.
 */
export async function rebuildOwn(ctx: Ctx, request: RebuildRequest): Promise<RebuiltView> {
  const { days, next } = await rebuildRollups(ctx.db, ctx.workspaceId, openRangeOf(request), DAYS_AT_ONCE);
  return { days, next: next === null ? null : isoTime(next).slice(0, 10) };
}
