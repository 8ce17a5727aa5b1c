import { env } from "cloudflare:workers";
import type { z } from "zod";
import { openDb } from "../../src/db/client.ts";
import type { Engine } from "../../src/executions/index.ts";
import {
  continueDispatch,
  createSchedule,
  type DispatchMessage,
  dispatch,
  listRuns,
} from "../../src/schedules/index.ts";
import type { runSchema, ScheduleChange } from "../../src/schedules/inputs.ts";
import type { Account } from "./accounts.ts";
import { ctxWith, type TestEngine, testClock, testEngine } from "./engine.ts";

export type Run = z.infer<typeof runSchema>;

/** An engine whose clock stands at a time, which a test moves. */
export function engineAt(iso: string, over: Partial<Engine> = {}): TestEngine {
  return testEngine(over, testClock(Date.parse(iso)));
}

/** Moves an engine's clock to a time. */
export function moveTo(engine: TestEngine, iso: string): void {
  engine.clock.advance(Date.parse(iso) - engine.clock.now());
}

/** One invocation of the dispatcher, as the cron makes it. Answers the messages that it sent for the rest. */
export async function tick(engine: TestEngine, over: Partial<Engine> = {}): Promise<DispatchMessage[]> {
  const rest: DispatchMessage[] = [];
  const own = { ...engine, db: openDb(env.DB), ...over };
  await dispatch(own, engine.clock.now(), async (message) => rest.push(message));
  return rest;
}

/** What the consumer does with a message for the rest. Answers the messages that it sent in turn. */
export async function goOn(
  engine: TestEngine,
  message: DispatchMessage,
  over: Partial<Engine> = {},
): Promise<DispatchMessage[]> {
  const rest: DispatchMessage[] = [];
  await continueDispatch({ ...engine, db: openDb(env.DB), ...over }, message, async (next) => rest.push(next));
  return rest;
}

/** A database of which so many queries are used up before anything is asked. */
export function dbAfter(queries: number): Engine["db"] {
  const db = openDb(env.DB);
  db.usage.queries = queries;
  return db;
}

/** Moves the clock and dispatches, time after time. */
export async function tickAt(engine: TestEngine, ...times: string[]): Promise<void> {
  for (const time of times) {
    moveTo(engine, time);
    await tick(engine);
  }
}

/** Gives a workflow a schedule by the engine's clock. */
export function scheduled(account: Account, engine: TestEngine, workflowId: string, given: ScheduleChange) {
  return createSchedule(ctxWith(account, engine), workflowId, given);
}

/** A schedule's history, oldest first. */
export async function runsOf(account: Account, engine: TestEngine, scheduleId: string): Promise<Run[]> {
  const { items } = await listRuns(ctxWith(account, engine), scheduleId, { limit: 200 });
  return items.toReversed();
}

/** A history in short: "10:05 succeeded". */
export function inShort(runs: readonly Run[]): string[] {
  return runs.map(({ scheduledFor, status, attempt }) => {
    const again = attempt === 1 ? "" : ` (attempt ${attempt})`;
    return `${scheduledFor.slice(11, 16)} ${status}${again}`;
  });
}
