import { and, asc, eq, gt, or } from "drizzle-orm";
import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { decodeCursor, type Page, type PageRequest, pageOf } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import type { logSchema } from "./inputs.ts";
import { readExecution } from "./read-execution.ts";
import { logs } from "./schema.ts";

type LogView = z.infer<typeof logSchema>;
const dataSchema = z.record(z.string(), z.json());

/** An execution's log, oldest first. Throws `execution_not_found`. */
export async function listLogs(ctx: Ctx, executionId: string, request: PageRequest): Promise<Page<LogView>> {
  await readExecution(ctx, executionId);
  const rows = await ctx.db.orm
    .select()
    .from(logs)
    .where(and(eq(logs.workspaceId, ctx.workspaceId), eq(logs.executionId, executionId), afterCursor(request.cursor)))
    .orderBy(asc(logs.at), asc(logs.line))
    .limit(request.limit + 1);
  return pageOf(
    rows,
    request,
    (row) => `${row.at} ${row.line}`,
    (row) => ({
      at: isoTime(row.at),
      level: row.level,
      message: row.message,
      nodeId: row.nodeId,
      data: row.data === null ? null : dataSchema.parse(JSON.parse(row.data)),
    }),
  );
}

function afterCursor(cursor: string | undefined) {
  if (cursor === undefined) return undefined;
  const key = decodeCursor(cursor, /^\d{1,15} \S+$/);
  const at = Number(key.slice(0, key.indexOf(" ")));
  const line = key.slice(key.indexOf(" ") + 1);
  return or(gt(logs.at, at), and(eq(logs.at, at), gt(logs.line, line)));
}
