import { z } from "zod";
import type { ApplyingBudget } from "../../costs/index.ts";

/** A step that belongs to this invocation until its lease ends. */
export interface ClaimedStep {
  nodeId: string;
  /** Counts claims: whoever holds an older number has lost the step. */
  fence: number;
  /** How often it was run again already after a provider's failure. */
  retries: number;
  claimedAt: number;
  /**
   * When it was claimed for the first time since it was new or its worker vanished, later by as long as nobody came for
   * it although it was due: its chain's deadline counts from here.
   */
  startedAt: number;
  /** How long it waited since it was put back, in milliseconds. */
  waitMs: number;
  /** The budgets that its calls fall under, as they stood when it was claimed. */
  budgets: readonly ApplyingBudget[];
}

/** How often a step was put back without using up a retry. */
export function waitsOf({ fence, retries }: Pick<ClaimedStep, "fence" | "retries">): number {
  return Math.max(0, fence - 1 - retries);
}

/**
 * The time that a claim writes; ?3 is now. Time in which `maxParallel` or the queue kept a step that was put back is no
 * time of its chain's: it would fail uncalled, for want of a place.
 */
export const STARTED_AT = `CASE WHEN started_at IS NULL THEN ?3
  WHEN put_back_at IS NULL THEN started_at ELSE started_at + max(0, ?3 - coalesce(available_at, ?3)) END`;

/** What a claiming statement returns. */
export const CLAIMED = "node_id, fence, retries, put_back_at, started_at";

export const claimedSchema = z.object({
  node_id: z.string(),
  fence: z.number(),
  retries: z.number(),
  put_back_at: z.number().nullable(),
  started_at: z.number(),
});

/** The row that a claiming statement returned, as a step of the claimant's. */
export function claimedStep(
  row: z.infer<typeof claimedSchema>,
  now: number,
  budgets: readonly ApplyingBudget[],
): ClaimedStep {
  return {
    nodeId: row.node_id,
    fence: row.fence,
    retries: row.retries,
    claimedAt: now,
    startedAt: row.started_at,
    waitMs: row.put_back_at === null ? 0 : Math.max(0, now - row.put_back_at),
    budgets,
  };
}
