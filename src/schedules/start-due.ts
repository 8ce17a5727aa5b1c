import { retryTransient } from "../db/transient.ts";
import { askConditions } from "./condition.ts";
import { closed, dueRuns, keyOf, publish, type RunToStart } from "./due-runs.ts";
import { retryRuns } from "./retry-run.ts";
import { planStarts, type RunAction } from "./rules/plan-starts.ts";
import {
  type ClosedRun,
  closedSchema,
  closeUnstarted,
  postpone,
  putToWait,
  type RunKey,
  skipOverlapping,
} from "./run-statements.ts";
import { startRuns } from "./start-runs.ts";
import { type Left, PAGE, type Tick } from "./tick.ts";
import { trimRuns } from "./trim-runs.ts";

/**
 * Starts one page of pending runs whose time has come, of all workspaces; those that may not begin beside an open one
 * wait or are skipped, and so are those whose condition does not hold. What the budget does not reach for goes behind
 * everything else that is due: a page that nobody gets to the end of would be read for ever, and keep back the rest.
 */
export async function startDue(tick: Tick): Promise<Left> {
  const before = tick.counts.started;
  const runs = await dueRuns(tick);
  if (runs.length === 0) return "nothing";
  const planned = planStarts(runs);
  const chosen = (action: RunAction) => planned.filter((each) => each.action === action).map(({ run }) => run);
  const held = await askConditions(
    tick,
    chosen("start").filter(({ attempt }) => attempt === 1),
  );
  const first = await startRuns(tick, held.starts);
  const overlapping = chosen("skip").map((run) =>
    closed(run, "skipped", "Skipped: the run before it was not over yet."),
  );
  const ended = await close(tick, runs, {
    ends: [...held.ended, ...first.refused],
    overlapping,
    waiting: chosen("wait"),
  });
  // Behind the others' closing, since each takes many queries: what was decided must be written whatever is left of them.
  const again = await retryRuns(
    tick,
    chosen("start").filter(({ attempt }) => attempt > 1),
  );
  ended.count += (await close(tick, runs, { ends: again.refused, overlapping: [], waiting: [] })).count;
  const later = [...held.later, ...first.later, ...again.later];
  await moveBack(tick, [...later, ...first.lost], again.erred);
  if (later.length > 0) return "later";
  // What could not begin leaves its place to the next of its schedule. Where nothing was gained others are at work.
  const gained = tick.counts.started > before || ended.count > 0;
  const others = ended.unbegun && (overlapping.length > 0 || ended.waits);
  return gained && (runs.length === PAGE || others) ? "more" : "nothing";
}

interface Closing {
  /** Ended without an execution. */
  ends: readonly ClosedRun[];
  /** Skipped where another one is under way in fact. */
  overlapping: readonly ClosedRun[];
  waiting: readonly RunToStart[];
}

/** Writes what became of the runs that were not started, and answers how much of it took effect. */
async function close(tick: Tick, all: readonly RunToStart[], { ends, overlapping, waiting }: Closing) {
  const { engine, counts } = tick;
  // First whatever goes by what is open: a run that ends here as failed is open until it is settled, and not under way.
  const closing = [
    ...(overlapping.length > 0 ? [skipOverlapping(engine.db, overlapping)] : []),
    ...(ends.length > 0 ? [closeUnstarted(engine.db, ends, tick.now)] : []),
  ];
  const statements = [
    ...closing,
    ...(waiting.length > 0 ? [putToWait(engine.db, waiting.map(keyOf))] : []),
    ...(closing.length > 0 || waiting.length > 0 ? trimRuns(engine, schedulesOf(all)) : []),
  ];
  if (statements.length === 0) return { count: 0, unbegun: false, waits: false };
  const results = await retryTransient(() => engine.db.d1.batch(statements));
  const byKey = new Map(all.map((run) => [keyText(keyOf(run)), run]));
  const done = results.slice(0, closing.length).flatMap((result) => closedSchema.array().parse(result.results));
  for (const { status, ...key } of done) {
    counts[status === "failed" ? "refused" : "skipped"] += 1;
    const run = byKey.get(keyText(key));
    if (run) publish(tick, run, status, null);
  }
  const put = waiting.length > 0 ? (results[closing.length]?.meta.changes ?? 0) : 0;
  counts.waiting += put;
  return { count: done.length + put, unbegun: ends.length > 0, waits: waiting.length > 0 };
}

/** To the end of the line, and those that a fault kept from beginning to the next minute. */
async function moveBack(tick: Tick, behind: readonly RunToStart[], erred: readonly RunToStart[]): Promise<void> {
  const { engine, now } = tick;
  const statements = [
    ...(behind.length > 0 ? [postpone(engine.db, behind.map(keyOf), now)] : []),
    ...(erred.length > 0 ? [postpone(engine.db, erred.map(keyOf), now + NEXT_TRY_MS)] : []),
  ];
  if (statements.length > 0) await retryTransient(() => engine.db.d1.batch(statements));
}

const NEXT_TRY_MS = 60_000;

function schedulesOf(runs: readonly RunToStart[]) {
  return runs.map(({ row }) => ({ workspaceId: row.workspace_id, scheduleId: row.schedule_id }));
}

function keyText(key: RunKey): string {
  return `${key.workspaceId}/${key.scheduleId}/${key.scheduledFor}/${key.attempt}`;
}
