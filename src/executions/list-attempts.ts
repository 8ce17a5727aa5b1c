import { and, asc, eq } from "drizzle-orm";
import type { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { decodeCursor, encodeCursor, type Page, type PageRequest } from "../core/pagination.ts";
import { executionCosts } from "../costs/schema.ts";
import type { Ctx } from "../db/context.ts";
import type { attemptSchema } from "./inputs.ts";
import { readExecution } from "./read-execution.ts";
import { attempts } from "./schema.ts";

type AttemptView = z.infer<typeof attemptSchema>;

/** Every call to a provider that an execution made, oldest first, numbered within its step. Throws `execution_not_found`. */
export async function listAttempts(ctx: Ctx, executionId: string, request: PageRequest): Promise<Page<AttemptView>> {
  await readExecution(ctx, executionId);
  const sameCall = and(
    eq(executionCosts.executionId, attempts.executionId),
    eq(executionCosts.nodeId, attempts.nodeId),
    eq(executionCosts.fence, attempts.fence),
    eq(executionCosts.attempt, attempts.attempt),
  );
  // Bounded by nodes, retries and targets: small enough to be numbered and cut into pages here.
  const rows = await ctx.db.orm
    .select({ attempt: attempts, spent: executionCosts })
    .from(attempts)
    .leftJoin(executionCosts, sameCall)
    .where(and(eq(attempts.workspaceId, ctx.workspaceId), eq(attempts.executionId, executionId)))
    .orderBy(asc(attempts.at), asc(attempts.nodeId), asc(attempts.fence), asc(attempts.attempt));

  const numbers = new Map<string, number>();
  const all = rows.map(({ attempt, spent }) => {
    const n = (numbers.get(attempt.nodeId) ?? 0) + 1;
    numbers.set(attempt.nodeId, n);
    return attemptView(attempt, spent, n);
  });
  const start = request.cursor === undefined ? 0 : Number(decodeCursor(request.cursor, /^\d{1,9}$/));
  const end = start + request.limit;
  return { items: all.slice(start, end), nextCursor: end < all.length ? encodeCursor(String(end)) : null };
}

function attemptView(
  attempt: typeof attempts.$inferSelect,
  spent: typeof executionCosts.$inferSelect | null,
  n: number,
): AttemptView {
  return {
    nodeId: attempt.nodeId,
    n,
    provider: attempt.provider,
    model: attempt.model,
    status: attempt.status,
    errorKind: attempt.errorKind,
    httpStatus: attempt.httpStatus,
    waitMs: attempt.waitMs,
    latencyMs: attempt.latencyMs,
    usage:
      spent?.uncounted !== 0
        ? null
        : {
            inputTokens: spent.inputTokens,
            cachedInputTokens: spent.cachedInputTokens,
            cacheWriteTokens: spent.cacheWriteTokens,
            cacheWrite1hTokens: spent.cacheWrite1hTokens,
            outputTokens: spent.outputTokens,
            reasoningTokens: spent.reasoningTokens,
          },
    costNanoUsd: spent?.costNanoUsd ?? null,
    reason: attempt.reason,
    at: isoTime(attempt.at),
  };
}
