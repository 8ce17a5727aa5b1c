import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import type { Unfolded } from "./rules/cover-range.ts";

const markSchema = z.object({ level: z.enum(["day", "month"]), bucket: z.number() });

/**
 * Which days and months of the workspace have changed since they were folded: today, this month, and what came late.
 * To be read before the sums: a row that is folded in between is then not used, one that changes is as it was.
 */
export async function readUnfolded(ctx: Ctx): Promise<Unfolded> {
  const { results } = await ctx.db.d1
    .prepare("SELECT level, bucket FROM unfolded_rollups WHERE workspace_id = ?1")
    .bind(ctx.workspaceId)
    .run();
  const marks = z.array(markSchema).parse(results);
  const of = (level: "day" | "month") => new Set(marks.flatMap((mark) => (mark.level === level ? [mark.bucket] : [])));
  return { day: of("day"), month: of("month") };
}
