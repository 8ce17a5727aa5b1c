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

export const EVERY_FIVE = { cronExpression: "*/5 * * * *" };
/** Where most tests' clock stands at first. */
export const START = "2027-03-01T10:00:30Z";
/** A moment behind a minute of that day, such as "10:05". */
export const at = (minutes: string) => `2027-03-01T${minutes}:02Z`;

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

/** The executions of a workflow as the database has them, oldest first. */
export async function executionsOf(workflowId: string) {
  const { results } = await env.DB.prepare(
    "SELECT id, status, trigger_type, trigger_id, retry_of, version_number, input FROM executions WHERE workflow_id = ? ORDER BY id",
  )
    .bind(workflowId)
    .all();
  return results;
}

/** A history in short: "10:05 succeeded". */
export function inShort(runs: readonly Run[]): string[] {
  return runs.map(({ scheduledFor, status, attempt }) => {
    const again = attempt === 1 ? "" : ` (attempt ${attempt})`;
    return `${scheduledFor.slice(11, 16)} ${status}${again}`;
  });
}

/** A database whose Nth call fails, before it has taken effect or behind it. */
export function failingDb(failing: number, behind: boolean): Engine["db"] {
  let calls = 0;
  return beforeEachCall(async (call) => {
    calls += 1;
    if (calls !== failing) return call();
    if (behind) await call();
    throw new Error("D1_ERROR: the machine is gone");
  });
}

/** A database that does something before its Nth batch. */
export function beforeBatch(nth: number, act: () => Promise<unknown>): Engine["db"] {
  let batches = 0;
  return beforeEachCall(async (call, kind) => {
    if (kind === "batch") batches += 1;
    if (kind === "batch" && batches === nth) await act();
    return call();
  });
}

function beforeEachCall(
  around: (call: () => Promise<unknown>, kind: "batch" | "run") => Promise<unknown>,
): Engine["db"] {
  const inner = new WeakMap<object, D1PreparedStatement>();
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const proxy = new Proxy(statement, {
      get(target, property) {
        if (property === "bind") return (...values: unknown[]) => wrap(target.bind(...values));
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => around(() => value.apply(target, args), "run");
      },
    });
    inner.set(proxy, statement);
    return proxy;
  };
  const binding = new Proxy(env.DB, {
    get(target, property) {
      if (property === "prepare") return (sql: string) => wrap(target.prepare(sql));
      if (property === "batch") {
        return (statements: D1PreparedStatement[]) =>
          around(() => target.batch(statements.map((each) => inner.get(each) ?? each)), "batch");
      }
      return Reflect.get(target, property);
    },
  });
  return openDb(binding);
}
