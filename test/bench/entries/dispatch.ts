import { signUp } from "../../support/account.ts";
import { createWorkflow } from "../../support/workflows.ts";
import type { Figures } from "../figure.ts";
import { type Invocation, type MeteredInstance, startMeteredInstance } from "../metered-instance.ts";

const DUE = 10_000;
/** Each with two agents. */
const WORKFLOWS = 100;
const TICKS_AT_MOST = 10;

/**
 * What it takes to dispatch 10,000 schedules that come due in one minute among 100,000, and among 20,000: the rows that
 * are read are to grow with what is due, and not with what there is.
 */
export async function dispatch(): Promise<Figures> {
  const many = await measure(100_000);
  const few = await measure(20_000);
  return {
    "dispatch.due_10000_ms": { value: many.ms, unit: "ms" },
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

async function measure(total: number) {
  // What was started is left where it is: the executions themselves are measured elsewhere.
  const swarm = await startMeteredInstance({ consume: false });
  try {
    await fill(swarm, total);
    await swarm.invocations();
    const at = new Date();
    const begun = performance.now();
    // One tick does it, unless the machine is slow: the rest is then left to the next.
    let dispatched = 0;
    for (let ticks = 0; dispatched < DUE && ticks < TICKS_AT_MOST; ticks += 1) {
      await swarm.scheduled(at);
      const [row] = await swarm.query("SELECT count(*) AS runs FROM schedule_runs WHERE status = 'running'");
      dispatched = Number(row?.runs);
    }
    const ms = performance.now() - begun;
    const [started] = await swarm.query("SELECT count(*) AS executions FROM executions");
    if (dispatched !== DUE || started?.executions !== DUE) {
      throw new Error(`${DUE} were to be dispatched, ${dispatched} were, as ${started?.executions} executions.`);
    }
    return { ms, ...costOf(await swarm.invocations()) };
  } finally {
    await swarm.stop();
  }
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
