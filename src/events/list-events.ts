import { and, desc, eq, gte, lt, type SQL } from "drizzle-orm";
import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { decodeCursor, type Page, pageOf, UUID_KEY } from "../core/pagination.ts";
import { endOfRange, startOfTime } from "../core/time-range.ts";
import type { Ctx } from "../db/context.ts";
import type { EventQuery, EventView } from "./inputs.ts";
import { events } from "./schema.ts";

const dataSchema = z.record(z.string(), z.unknown());

/** The events of the workspace that fit the filters, newest first. A `to` without a time includes its day (UTC). */
export async function listEvents(ctx: Ctx, query: EventQuery): Promise<Page<EventView>> {
  const rows = await ctx.db.orm
    .select()
    .from(events)
    .where(and(eq(events.workspaceId, ctx.workspaceId), ...filters(query)))
    .orderBy(desc(events.id))
    .limit(query.limit + 1);
  return pageOf(
    rows,
    query,
    (row) => row.id,
    ({ id, type, level, message, data, at }) => ({
      id,
      type,
      level,
      message,
      data: dataSchema.parse(JSON.parse(data)),
      at: isoTime(at),
    }),
  );
}

function filters({ type, from, to, cursor }: EventQuery): (SQL | undefined)[] {
  return [
    type === undefined ? undefined : eq(events.type, type),
    from === undefined ? undefined : gte(events.at, startOfTime(from)),
    to === undefined ? undefined : lt(events.at, endOfRange(to)),
    cursor === undefined ? undefined : lt(events.id, decodeCursor(cursor, UUID_KEY)),
  ];
}
