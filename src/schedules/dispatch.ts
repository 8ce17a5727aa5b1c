import { errorText } from "../core/errors.ts";
import type { Engine } from "../executions/index.ts";
import { beginChain, endChain, takeHop } from "./chain.ts";
import { claimDue } from "./claim-due.ts";
import type { DispatchMessage } from "./message.ts";
import { settleEnded } from "./settle-ended.ts";
import { startDue } from "./start-due.ts";
import { type Left, noCounts, type Tick } from "./tick.ts";

/** D1 refuses more than 1,000 queries an invocation; the last page begun takes some more, and so does the rest of the cron. */
const QUERY_BUDGET = 500;
/** A cron may use 30 s of the processor, which cannot be measured from inside: time passes no slower. */
const TIME_BUDGET_MS = 20_000;
/** Far more than any backlog takes: a fault that looks like progress must not send messages for ever. */
const MAX_HOPS = 200;

type Send = (message: DispatchMessage) => Promise<unknown>;

/**
 * Dispatches what is due in all workspaces: settles runs that have ended, takes schedules that have come due and starts
 * their runs, page by page by index. Every page is decided on what was read and written only where that still holds, so
 * that any number of dispatchers at once, or one that comes twice, start each run once. A page that is cut off leaves
 * its runs pending, and whoever comes next goes on with them. Faults are logged: what they left stays due.
 *
 * @param until what is due by then, in epoch milliseconds: the cron's own time, so that one that fires early misses nothing
 * @param goOn sends a message for the rest when that is more than one invocation may do
 */
export async function dispatch(engine: Engine, until: number, goOn: Send): Promise<void> {
  const { id, now, moved, more } = await work(engine, until);
  if (!more) return;
  if (!moved) return standsStill(engine);
  try {
    if (!(await beginChain(engine, id))) return;
  } catch (error) {
    return leftToNextMinute(engine, error);
  }
  await send(engine, { kind: "dispatch", until: now, chain: id, hop: 1 }, goOn);
}

/** {@link dispatch} for a message that an earlier one sent: one that comes twice does nothing. */
export async function continueDispatch(engine: Engine, message: DispatchMessage, goOn: Send): Promise<void> {
  const { chain, hop } = message;
  if (!(await takeHop(engine, chain, hop))) return;
  const { now, moved, more } = await work(engine, message.until);
  if (more && moved && hop < MAX_HOPS) return send(engine, { ...message, until: now, hop: hop + 1 }, goOn);
  if (more) standsStill(engine);
  await endChain(engine, chain);
}

async function work(engine: Engine, until: number) {
  const begunAt = engine.clock.now();
  const { usage } = engine.db;
  const before = usage.queries;
  const counts = noCounts();
  const now = Math.max(until, begunAt);
  const spent = (share = 1) =>
    usage.queries > before + share * (QUERY_BUDGET - before) || engine.clock.now() - begunAt > share * TIME_BUDGET_MS;
  const tick: Tick = { engine, id: engine.ids.next(), now, counts, spent };
  const more = await inTurns(tick);
  const moved = Object.values(counts).some((count) => count > 0);
  if (moved) {
    const queries = usage.queries - before;
    engine.log.log("info", "Scheduler", "dispatched what was due", { ...counts, queries, more });
  }
  return { id: tick.id, now, moved, more };
}

/** Each part with what of the budget is used up behind it at most, so that none takes the others' turn. */
const PARTS: readonly (readonly [part: (tick: Tick) => Promise<Left>, until: number])[] = [
  [settleEnded, 0.3],
  [claimDue, 0.5],
  [startDue, 0.9],
  // Settling last counts what could not be started, and calls up what waited behind it.
  [settleEnded, 1],
];

/** Whether more is left. A fault in one part must not keep the others from their turn. */
async function inTurns(tick: Tick): Promise<boolean> {
  let more = false;
  for (const [page, until] of PARTS) {
    const own: Tick = { ...tick, spent: (share = 1) => tick.spent(share * until) };
    try {
      let left = await page(own);
      while (left === "more" && !own.spent()) left = await page(own);
      more ||= left !== "nothing";
    } catch (error) {
      tick.engine.log.log("error", "Scheduler", errorText(error));
    }
  }
  return more;
}

async function send(engine: Engine, message: DispatchMessage, goOn: Send): Promise<void> {
  try {
    await goOn(message);
  } catch (error) {
    leftToNextMinute(engine, error);
    await endChain(engine, message.chain);
  }
}

function standsStill(engine: Engine): void {
  engine.log.log("warn", "Scheduler", "more is due and nothing of it moves: it is left to the next minute");
}

function leftToNextMinute(engine: Engine, error: unknown): void {
  engine.log.log("warn", "Scheduler", `the rest is left to the next minute: ${errorText(error)}`);
}
