import type { Ctx } from "../db/context.ts";
import type { Engine } from "../executions/index.ts";

/** What a verb needs to work for a workspace on behalf of one of its schedules: nobody in person asks. */
export function ctxOf({ db, clock, ids, log }: Engine, workspaceId: string): Ctx {
  return { db, clock, ids, log, workspaceId, userId: null };
}
