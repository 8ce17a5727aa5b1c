import { eq } from "drizzle-orm";
import type { Ctx } from "../db/context.ts";
import { retentionSettings } from "./schema.ts";

export const DEFAULT_AUTO_VERSIONS_KEPT = 50;
export const DEFAULT_AUTO_VERSION_DAYS = 30;

/** How much history a workspace keeps. */
export interface Retention {
  /** The newest automatic versions of a workflow that stay whatever their age. */
  autoVersionsKept: number;
  /** How many days every automatic version stays. */
  autoVersionDays: number;
}

export async function readRetention(ctx: Ctx): Promise<Retention> {
  const [row] = await ctx.db.orm
    .select()
    .from(retentionSettings)
    .where(eq(retentionSettings.workspaceId, ctx.workspaceId));
  return {
    autoVersionsKept: row?.autoVersionsKept ?? DEFAULT_AUTO_VERSIONS_KEPT,
    autoVersionDays: row?.autoVersionDays ?? DEFAULT_AUTO_VERSION_DAYS,
  };
}

/** Changes what is given and keeps the rest. */
export async function changeRetention(
  ctx: Ctx,
  change: { [Field in keyof Retention]?: number | undefined },
): Promise<Retention> {
  const before = await readRetention(ctx);
  const after = {
    autoVersionsKept: change.autoVersionsKept ?? before.autoVersionsKept,
    autoVersionDays: change.autoVersionDays ?? before.autoVersionDays,
  };
  await ctx.db.orm
    .insert(retentionSettings)
    .values({ workspaceId: ctx.workspaceId, ...after })
    .onConflictDoUpdate({ target: retentionSettings.workspaceId, set: after });
  return after;
}
