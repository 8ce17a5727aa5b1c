import { eq, sql } from "drizzle-orm";
import type { Ctx } from "../db/context.ts";
import { retentionSettings } from "./schema.ts";

export const DEFAULT_AUTO_VERSIONS_KEPT = 50;
/** Far more than anybody goes back through by hand. Every hour reads up to this many rows of a workflow for nothing. */
export const MAX_AUTO_VERSIONS_KEPT = 1_000;
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

/** Changes what is given and keeps the rest, in one statement: two people may change one thing each at once. */
export async function changeRetention(
  ctx: Ctx,
  { autoVersionsKept, autoVersionDays }: { [Field in keyof Retention]?: number | undefined },
): Promise<Retention> {
  await ctx.db.orm
    .insert(retentionSettings)
    .values({
      workspaceId: ctx.workspaceId,
      autoVersionsKept: autoVersionsKept ?? DEFAULT_AUTO_VERSIONS_KEPT,
      autoVersionDays: autoVersionDays ?? DEFAULT_AUTO_VERSION_DAYS,
    })
    .onConflictDoUpdate({
      target: retentionSettings.workspaceId,
      set: {
        autoVersionsKept: autoVersionsKept ?? sql`auto_versions_kept`,
        autoVersionDays: autoVersionDays ?? sql`auto_version_days`,
      },
    });
  return readRetention(ctx);
}
