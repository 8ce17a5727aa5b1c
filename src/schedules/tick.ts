import type { Engine } from "../executions/index.ts";

/** What one dispatcher does in one invocation. */
export interface Tick {
  engine: Engine;
  /** Names this dispatcher in its claims. */
  id: string;
  /** Epoch milliseconds: what is due by then is dispatched. */
  now: number;
  counts: TickCounts;
  /** Whether queries or time run low: what is left goes to another invocation. */
  spent(): boolean;
}

/** What was done, for the log. */
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
