import { and, desc, eq, gte, lt, or, type SQL } from "drizzle-orm";
import { isoTime } from "../core/clock.ts";
import { decodeCursor, type Page, pageOf } from "../core/pagination.ts";
import { endOfRange, startOfTime } from "../core/time-range.ts";
import type { Ctx } from "../db/context.ts";
import type { FallbackEventQuery, FallbackEventView } from "./inputs.ts";
import { fallbackEvents } from "./schema.ts";

/** Where steps of the workspace left one target for another, newest first. `provider` is on either side. */
export async function listFallbackEvents(ctx: Ctx, query: FallbackEventQuery): Promise<Page<FallbackEventView>> {
  const rows = await ctx.db.orm
    .select()
    .from(fallbackEvents)
    .where(and(eq(fallbackEvents.workspaceId, ctx.workspaceId), ...filters(query)))
    .orderBy(
      desc(fallbackEvents.at),
      desc(fallbackEvents.executionId),
      desc(fallbackEvents.nodeId),
      desc(fallbackEvents.attempt),
    )
    .limit(query.limit + 1);
  return pageOf(rows, query, cursorOf, (row) => ({
    at: isoTime(row.at),
    executionId: row.executionId,
    nodeId: row.nodeId,
    workflowId: row.workflowId,
    fromProvider: row.fromProvider,
    fromModel: row.fromModel,
    toProvider: row.toProvider,
    toModel: row.toModel,
    reason: row.reason,
    success: row.success === 1,
  }));
}

function filters({ provider, workflowId, from, to, cursor }: FallbackEventQuery): (SQL | undefined)[] {
  return [
    provider === undefined
      ? undefined
      : or(eq(fallbackEvents.fromProvider, provider), eq(fallbackEvents.toProvider, provider)),
    workflowId === undefined ? undefined : eq(fallbackEvents.workflowId, workflowId),
    from === undefined ? undefined : gte(fallbackEvents.at, startOfTime(from)),
    to === undefined ? undefined : lt(fallbackEvents.at, endOfRange(to)),
    cursor === undefined ? undefined : before(cursor),
  ];
}

const CURSOR = /^\d{1,15} [0-9a-f-]{36} [A-Za-z0-9_-]{1,64} \d{1,9}$/;

function cursorOf(row: typeof fallbackEvents.$inferSelect): string {
  return `${row.at} ${row.executionId} ${row.nodeId} ${row.attempt}`;
}

function before(cursor: string): SQL | undefined {
  const [at = "0", executionId = "", nodeId = "", attempt = "0"] = decodeCursor(cursor, CURSOR).split(" ");
  const { at: atColumn, executionId: executionColumn, nodeId: nodeColumn, attempt: attemptColumn } = fallbackEvents;
  return or(
    lt(atColumn, Number(at)),
    and(eq(atColumn, Number(at)), lt(executionColumn, executionId)),
    and(eq(atColumn, Number(at)), eq(executionColumn, executionId), lt(nodeColumn, nodeId)),
    and(
      eq(atColumn, Number(at)),
      eq(executionColumn, executionId),
      eq(nodeColumn, nodeId),
      lt(attemptColumn, Number(attempt)),
    ),
  );
}
