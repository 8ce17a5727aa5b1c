import { WAITS } from "./plan-due.ts";

/** A pending run whose time has come. */
export interface DueRun {
  scheduleId: string;
  attempt: number;
  waits: number;
  overlap: "skip" | "allow" | "queue";
  /** Whether another run of the schedule is open: under way, or to be tried again. */
  busy: boolean;
  /** Whether another run of the schedule waits for the open one already. */
  othersWait: boolean;
}

export type RunAction = "start" | "wait" | "skip";

/**
 * What becomes of pending runs, in their order. Where runs may not overlap one is started if none is open, and the
 * others wait or are skipped. A retry is always started: it is what its schedule is open for.
 */
export function planStarts<Run extends DueRun>(runs: readonly Run[]): { run: Run; action: RunAction }[] {
  const busy = new Set<string>();
  const waiting = new Set<string>();
  return runs.map((run) => {
    const { scheduleId } = run;
    if (run.attempt > 1 || run.overlap === "allow") return { run, action: "start" };
    if (!run.busy && !busy.has(scheduleId)) {
      busy.add(scheduleId);
      return { run, action: "start" };
    }
    const waits =
      run.waits === WAITS.always || (run.waits === WAITS.alone && !run.othersWait && !waiting.has(scheduleId));
    if (waits) waiting.add(scheduleId);
    return { run, action: waits ? "wait" : "skip" };
  });
}
