import { eq, sql } from "drizzle-orm";
import { RETENTION_DEFAULTS } from "../core/retention.ts";
import type { Ctx } from "../db/context.ts";
import { retentionSettings } from "./schema.ts";

export const DEFAULT_AUTO_VERSIONS_KEPT = 50;
/** Far more than anybody goes back through by hand. Every hour reads up to this many rows of a workflow for nothing. */
export const MAX_AUTO_VERSIONS_KEPT = 1_000;
export const DEFAULT_AUTO_VERSION_DAYS = 30;

const DEFAULTS: Retention = {
  autoVersionsKept: DEFAULT_AUTO_VERSIONS_KEPT,
  autoVersionDays: DEFAULT_AUTO_VERSION_DAYS,
  ...RETENTION_DEFAULTS,
};

/** How much history a workspace keeps. */
export interface Retention {
  /** The newest automatic versions of a workflow that stay whatever their age. */
  autoVersionsKept: number;
  /** How many days every automatic version stays. */
  autoVersionDays: number;
  /** How many days executions stay, counted from their start. `null`: for ever. */
  executionDays: number | null;
  /** How many days their logs stay. `null`: as long as the execution. */
  logDays: number | null;
  /** How many days webhooks keep their last calls. */
  callDays: number;
}

export async function readRetention(ctx: Ctx): Promise<Retention> {
  const [row] = await ctx.db.orm
    .select()
    .from(retentionSettings)
    .where(eq(retentionSettings.workspaceId, ctx.workspaceId));
  if (row === undefined) return DEFAULTS;
  const { autoVersionsKept, autoVersionDays, executionDays, logDays, callDays } = row;
  return {
    autoVersionsKept,
    autoVersionDays,
    executionDays: executionDays === 0 ? null : executionDays,
    logDays: logDays === 0 ? null : logDays,
    callDays,
  };
}

/** Changes what is given and keeps the rest, in one statement: two people may change one thing each at once. */
export async function changeRetention(
  ctx: Ctx,
  change: { [Field in keyof Retention]?: Retention[Field] | undefined },
): Promise<Retention> {
  const { autoVersionsKept, autoVersionDays, callDays } = change;
  const executionDays = change.executionDays === null ? 0 : change.executionDays;
  const logDays = change.logDays === null ? 0 : change.logDays;
  await ctx.db.orm
    .insert(retentionSettings)
    .values({
      workspaceId: ctx.workspaceId,
      autoVersionsKept: autoVersionsKept ?? DEFAULT_AUTO_VERSIONS_KEPT,
      autoVersionDays: autoVersionDays ?? DEFAULT_AUTO_VERSION_DAYS,
      executionDays,
      logDays,
      callDays,
    })
    .onConflictDoUpdate({
      target: retentionSettings.workspaceId,
      set: {
        autoVersionsKept: autoVersionsKept ?? sql`auto_versions_kept`,
        autoVersionDays: autoVersionDays ?? sql`auto_version_days`,
        executionDays: executionDays ?? sql`execution_days`,
        logDays: logDays ?? sql`log_days`,
        callDays: callDays ?? sql`call_days`,
      },
    });
  return readRetention(ctx);
}
