import { and, desc, eq, getTableColumns, gte, lt, type SQL, sql } from "drizzle-orm";
import { decodeCursor, type Page, pageOf, UUID_KEY } from "../core/pagination.ts";
import { endOfRange, startOfTime } from "../core/time-range.ts";
import type { Ctx } from "../db/context.ts";
import type { ExecutionQuery, ListedExecution } from "./inputs.ts";
import { executions } from "./schema.ts";
import { executionView } from "./views.ts";

/** The tables by name: in a query of one, drizzle leaves the outer one's out, and the inner one's columns would be meant. */
const workflowName = sql<string>`(SELECT w.name FROM workflows w
  WHERE w.workspace_id = executions.workspace_id AND w.id = executions.workflow_id)`.as("workflow_name");

/** The executions of the workspace that fit the filters, newest first. A `to` without a time includes its day (UTC). */
export async function listExecutions(ctx: Ctx, query: ExecutionQuery): Promise<Page<ListedExecution>> {
  const rows = await ctx.db.orm
    .select({ ...getTableColumns(executions), workflowName })
    .from(executions)
    .where(and(eq(executions.workspaceId, ctx.workspaceId), ...filters(query)))
    .orderBy(desc(executions.id))
    .limit(query.limit + 1);
  return pageOf(rows, query, (row) => row.id, viewOf);
}

function viewOf({
  workflowName: name,
  ...row
}: typeof executions.$inferSelect & { workflowName: string }): ListedExecution {
  return { ...executionView(row), workflowName: name };
}

function filters(query: ExecutionQuery): (SQL | undefined)[] {
  const { workflowId, status, trigger, from, to, cursor } = query;
  return [
    workflowId === undefined ? undefined : eq(executions.workflowId, workflowId),
    status === undefined ? undefined : eq(executions.status, status),
    trigger === undefined ? undefined : eq(executions.triggerType, trigger),
    from === undefined ? undefined : gte(executions.createdAt, startOfTime(from)),
    to === undefined ? undefined : lt(executions.createdAt, endOfRange(to)),
    cursor === undefined ? undefined : lt(executions.id, decodeCursor(cursor, UUID_KEY)),
  ];
}
