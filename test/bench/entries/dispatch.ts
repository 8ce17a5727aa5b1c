import { z } from "zod";
import { signUp } from "../../support/account.ts";
import { createWorkflow } from "../../support/workflows.ts";
import { compared, type Figures, repeat } from "../figure.ts";
import { type Invocation, type MeteredInstance, startMeteredInstance } from "../metered-instance.ts";

const DUE = 10_000;
const ROUNDS = 3;
/** Each with two agents. */
const WORKFLOWS = 100;
const TICKS_AT_MOST = 10;

const leftSchema = z.object({ executions: z.number(), steps: z.number(), runs: z.number() });

/**
 * What it takes to dispatch 10,000 schedules that come due in one minute among 100,000, and among 20,000: the rows that
 * are read are to grow with what is due, and not with what there is. The control of the time is the barest dispatcher
 * (`worker/bare-dispatch.ts`) on the same database: it leaves the same rows and messages, and decides nothing. What Swarm
 * does beside that (zones and clock changes, definitions and keys, runs that may not overlap or start twice) is the ratio.
 */
export async function dispatch(): Promise<Figures> {
  const { pairs, ...many } = await measure(100_000, ROUNDS);
  const few = await measure(20_000, 1);
  return {
    "dispatch.due_10000_ms": compared(pairs, "ms"),
    "dispatch.queries": { value: many.queries, unit: "statements, most of an invocation", aim: "<= 1000" },
    "dispatch.invocations": { value: many.invocations, unit: "invocations" },
    "dispatch.rows_read": {
      value: many.rowsRead,
      unit: "rows (control: among 20,000)",
      control: few.rowsRead,
      ratio: many.rowsRead / few.rowsRead,
      aim: "ratio 1",
    },
    "dispatch.rows_written": { value: many.rowsWritten, unit: "rows" },
  };
}

/** What the first dispatch costs, and how long each round's takes beside its control. */
async function measure(total: number, rounds: number) {
  // What was started is left where it is: the executions themselves are measured elsewhere.
  const swarm = await startMeteredInstance({ consume: false });
  try {
    await fill(swarm, total);
    await swarm.invocations();
    let first: ReturnType<typeof costOf> | undefined;
    const pairs = await repeat(rounds, async () => {
      const value = await timed(swarm, () => dispatchAll(swarm));
      first ??= costOf(await swarm.invocations());
      await makeDueAgain(swarm);
      const control = await timed(swarm, () => dispatchBare(swarm));
      await makeDueAgain(swarm);
      return { value, control };
    });
    if (first === undefined) throw new Error("Nothing was measured.");
    return { ...first, pairs };
  } finally {
    await swarm.stop();
  }
}

/** How long (ms) it takes to dispatch what is due. Throws when that is not what was done. */
async function timed(swarm: MeteredInstance, dispatched: () => Promise<void>): Promise<number> {
  const beganAt = performance.now();
  await dispatched();
  const ms = performance.now() - beganAt;
  const [left] = await swarm.query(
    `SELECT (SELECT count(*) FROM executions) AS executions, (SELECT count(*) FROM steps) AS steps,
       (SELECT count(*) FROM schedule_runs WHERE status = 'running') AS runs`,
  );
  const { executions, steps, runs } = leftSchema.parse(left);
  if (executions !== DUE || steps !== 2 * DUE || runs !== DUE) {
    throw new Error(`${DUE} were to be dispatched, and ${JSON.stringify(left)} is there.`);
  }
  return ms;
}

/** One tick does it, unless the machine is slow: the rest is then left to the next. */
async function dispatchAll(swarm: MeteredInstance): Promise<void> {
  const at = new Date();
  for (let ticks = 0; ticks < TICKS_AT_MOST; ticks += 1) {
    await swarm.scheduled(at);
    const [row] = await swarm.query("SELECT count(*) AS runs FROM schedule_runs WHERE status = 'running'");
    if (row?.runs === DUE) return;
  }
}

async function dispatchBare(swarm: MeteredInstance): Promise<void> {
  const answer = await fetch(`${swarm.url}/api/bench/dispatch?now=${Date.now()}`);
  if (!answer.ok) throw new Error(`The control answered ${answer.status}: ${await answer.text()}`);
}

/** Takes away what a dispatch left, and has the same schedules come due once more. */
async function makeDueAgain(swarm: MeteredInstance): Promise<void> {
  await swarm.query(
    "UPDATE schedules SET next_run_at = ?1 WHERE id IN (SELECT schedule_id FROM schedule_runs)",
    Date.now() - 1_000,
  );
  await swarm.query("DELETE FROM schedule_runs");
  await swarm.query("DELETE FROM executions");
}

function costOf(invocations: readonly Invocation[]) {
  const ticks = invocations.filter(({ kind }) => kind === "scheduled").map(({ total }) => total);
  return {
    invocations: ticks.length,
    queries: Math.max(...ticks.map(({ queries }) => queries)),
    rowsRead: ticks.reduce((sum, { rowsRead }) => sum + rowsRead, 0),
    rowsWritten: ticks.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0),
  };
}

/** Schedules by the ten thousand, of which those that are due fire now and the others next year. */
async function fill(swarm: MeteredInstance, total: number): Promise<void> {
  const person = await signUp(swarm.url);
  for (let made = 0; made < WORKFLOWS; made += 1) await createWorkflow(person, ["a>b"]);
  const now = Date.now();
  const [workflows] = await swarm.query("SELECT count(*) AS made FROM workflows");
  if (workflows?.made !== WORKFLOWS) throw new Error(`${WORKFLOWS} workflows were to be made.`);
  await swarm.query(
    `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1),
       chosen AS MATERIALIZED (SELECT workspace_id, id, row_number() OVER (ORDER BY id) - 1 AS place FROM workflows)
     INSERT INTO schedules (workspace_id, id, workflow_id, cron_expression, timezone, enabled, input, overlap, catch_up,
       jitter_seconds, pause_after_failures, max_retries, retry_delay_seconds, next_run_at, created_at, updated_at)
     SELECT w.workspace_id, printf('schedule-%07d', i), w.id, '*/5 * * * *', 'Europe/London', 1, '"go"', 'skip', 'once', 0, 10,
       0, 60, CASE WHEN i % (?1 / ?2) = 0 THEN ?3 ELSE ?3 + 31536000000 END, ?3, ?3
     FROM n CROSS JOIN chosen w ON w.place = i % ${WORKFLOWS}`,
    total,
    DUE,
    now - 1_000,
  );
}
