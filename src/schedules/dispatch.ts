import { errorText } from "../core/errors.ts";
import type { Engine } from "../executions/index.ts";
import { claimDue } from "./claim-due.ts";
import type { DispatchMessage } from "./message.ts";
import { settleEnded } from "./settle-ended.ts";
import { startDue } from "./start-due.ts";
import { noCounts, type Tick } from "./tick.ts";

/** D1 refuses more than 1,000 queries an invocation, and the last page begun may still take some hundred. */
const QUERY_BUDGET = 600;
/** A cron may use 30 s of the processor, which cannot be measured from inside: time passes no slower. */
const TIME_BUDGET_MS = 20_000;

/**
 * Dispatches what is due in all workspaces: settles runs that have ended, takes schedules that have come due and starts
 * their runs, page by page by index. Every page is decided on what was read and written only where that still holds, so
 * that any number of dispatchers at once, or one that comes twice, start each run once. A page that is cut off leaves
 * its runs pending, and whoever comes next goes on with them. Faults are logged: what they left stays due.
 *
 * @param until what is due by then, in epoch milliseconds: the cron's own time, so that one that fires early misses nothing
 * @param goOn sends a message for the rest when that is more than one invocation may do
 */
export async function dispatch(
  engine: Engine,
  until: number,
  goOn: (message: DispatchMessage) => Promise<unknown>,
): Promise<void> {
  const begunAt = engine.clock.now();
  const before = engine.db.usage.queries;
  const counts = noCounts();
  const now = Math.max(until, begunAt);
  const spent = () => engine.db.usage.queries > QUERY_BUDGET || engine.clock.now() - begunAt > TIME_BUDGET_MS;
  const more = await inTurns({ engine, id: engine.ids.next(), now, counts, spent });
  if (Object.values(counts).some((count) => count > 0)) {
    const queries = engine.db.usage.queries - before;
    engine.log.log("info", "Scheduler", "dispatched what was due", { ...counts, queries, more });
  }
  if (!more) return;
  try {
    await goOn({ kind: "dispatch", until: now });
  } catch (error) {
    engine.log.log("warn", "Scheduler", `the rest is left to the next minute: ${errorText(error)}`);
  }
}

/** Whether more is left. A fault in one part must not keep the others from their turn. */
async function inTurns(tick: Tick): Promise<boolean> {
  // Settling last counts what could not be started, and calls up what waited behind it.
  for (const page of [settleEnded, claimDue, startDue, settleEnded]) {
    try {
      while (await page(tick)) if (tick.spent()) return true;
    } catch (error) {
      tick.engine.log.log("error", "Scheduler", errorText(error));
    }
  }
  return false;
}
