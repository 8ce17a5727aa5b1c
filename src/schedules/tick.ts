import type { Engine } from "../executions/index.ts";

/** What one dispatcher does in one invocation. */
export interface Tick {
  engine: Engine;
  /** Names this dispatcher in its claims. */
  id: string;
  /** Epoch milliseconds: what is due by then is dispatched. */
  now: number;
  counts: TickCounts;
  /**
   * Whether this much of the queries and the time that a part of the tick may use is gone: all of it, or a share from
   * 0 to 1. What is left goes to another invocation.
   */
  spent(share?: number): boolean;
}

/**
 * What is left behind a page: nothing, more that this invocation may go on with, or what only the next one may, because
 * the budget does not reach for it.
 */
export type Left = "nothing" | "more" | "later";

/** What was done, for the log: each moves when something changed, so that a dispatch that moves none stands still. */
export interface TickCounts {
  claimed: number;
  missed: number;
  started: number;
  skipped: number;
  waiting: number;
  refused: number;
  retried: number;
  settled: number;
  paused: number;
}

export function noCounts(): TickCounts {
  return { claimed: 0, missed: 0, started: 0, skipped: 0, waiting: 0, refused: 0, retried: 0, settled: 0, paused: 0 };
}

/** Rows of one page. Each page takes a handful of queries, whatever its size. */
export const PAGE = 500;
