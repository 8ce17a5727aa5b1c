import type { Ctx } from "../db/context.ts";
import { type Engine, getExecution } from "../executions/index.ts";

/** The first look comes after this long, and each later one half as late again, up to the longest. */
const FIRST_MS = 100;
const LONGEST_MS = 1_000;

/**
 * Waits for an execution to end, `seconds` at most, looking some thirty times in 25 seconds. `null` when it has not
 * ended by then, or is gone.
 */
export async function awaitEnd(
  ctx: Ctx,
  engine: Pick<Engine, "sleep" | "outputs">,
  executionId: string,
  seconds: number,
): Promise<Awaited<ReturnType<typeof getExecution>> | null> {
  const deadline = ctx.clock.now() + seconds * 1_000;
  const { signal } = new AbortController();
  for (let pause = FIRST_MS; ; pause = Math.min(LONGEST_MS, pause * 1.5)) {
    const left = deadline - ctx.clock.now();
    if (left <= 0) return null;
    await engine.sleep(Math.min(pause, left), signal);
    const completedAt = await ctx.db.d1
      .prepare("SELECT completed_at FROM executions WHERE workspace_id = ?1 AND id = ?2")
      .bind(ctx.workspaceId, executionId)
      .first("completed_at");
    if (completedAt !== null) return getExecution(ctx, engine, executionId);
  }
}
