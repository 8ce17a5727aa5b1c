import { and, desc, eq, lt, sql } from "drizzle-orm";
import { DomainError } from "../core/errors.ts";
import { decodeCursor, type Page, type PageRequest, pageOf, UUID_KEY } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import type { ListedSchedule, ScheduleView } from "./inputs.ts";
import { schedules } from "./schema.ts";
import { type ScheduleRow, scheduleView } from "./settings.ts";

/** The row of a schedule of the workspace. Throws `schedule_not_found`. */
export async function readSchedule(ctx: Ctx, scheduleId: string): Promise<ScheduleRow> {
  const [row] = await ctx.db.orm
    .select()
    .from(schedules)
    .where(and(eq(schedules.workspaceId, ctx.workspaceId), eq(schedules.id, scheduleId)));
  if (!row) throw new DomainError("schedule_not_found", "There is no such schedule in this workspace.");
  return row;
}

export async function getSchedule(ctx: Ctx, scheduleId: string): Promise<ScheduleView> {
  return scheduleView(await readSchedule(ctx, scheduleId));
}

/** A workflow's schedules, newest first. Throws `workflow_not_found`. */
export async function listSchedules(ctx: Ctx, workflowId: string, request: PageRequest): Promise<Page<ScheduleView>> {
  const before = request.cursor === undefined ? undefined : lt(schedules.id, decodeCursor(request.cursor, UUID_KEY));
  const rows = await ctx.db.orm
    .select()
    .from(schedules)
    .where(and(eq(schedules.workspaceId, ctx.workspaceId), eq(schedules.workflowId, workflowId), before))
    .orderBy(desc(schedules.id))
    .limit(request.limit + 1);
  if (rows.length === 0) await assertWorkflow(ctx, workflowId);
  return pageOf(rows, request, (row) => row.id, scheduleView);
}

/** The schedules of all workflows of the workspace, newest first. */
export async function listAllSchedules(ctx: Ctx, request: PageRequest): Promise<Page<ListedSchedule>> {
  const before = request.cursor === undefined ? undefined : lt(schedules.id, decodeCursor(request.cursor, UUID_KEY));
  const name = sql`(SELECT w.name FROM workflows w
    WHERE w.workspace_id = schedules.workspace_id AND w.id = schedules.workflow_id)`;
  const rows = await ctx.db.orm
    .select({ schedule: schedules, workflowName: name.mapWith(String) })
    .from(schedules)
    .where(and(eq(schedules.workspaceId, ctx.workspaceId), before))
    .orderBy(desc(schedules.id))
    .limit(request.limit + 1);
  return pageOf(
    rows,
    request,
    ({ schedule }) => schedule.id,
    ({ schedule, workflowName }) => ({ ...scheduleView(schedule), workflowName }),
  );
}

async function assertWorkflow(ctx: Ctx, workflowId: string): Promise<void> {
  const { results } = await ctx.db.d1
    .prepare("SELECT 1 FROM workflows WHERE workspace_id = ?1 AND id = ?2")
    .bind(ctx.workspaceId, workflowId)
    .run();
  if (results.length === 0) throw new DomainError("workflow_not_found", "There is no such workflow in this workspace.");
}
