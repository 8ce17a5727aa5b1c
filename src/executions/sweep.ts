import { z } from "zod";
import { errorText } from "../core/errors.ts";
import type { Engine } from "./engine.ts";
import { failAbandoned } from "./fail-abandoned.ts";
import { MAX_LOSSES, QUERY_BUDGET, SEND_GRACE_MS } from "./limits.ts";
import { timeOut } from "./time-out.ts";

const PAGE = 200;

const WORKER_LOST = {
  code: "worker_lost",
  message: `The step was begun ${MAX_LOSSES} times and its worker vanished each time. Retry the execution; if it happens again, look at the size of its input and output.`,
};

const overdueSchema = z.object({
  workspace_id: z.string(),
  execution_id: z.string(),
  node_id: z.string(),
  status: z.enum(["ready", "running"]),
  losses: z.number(),
  deadline_at: z.number(),
});
type Overdue = z.infer<typeof overdueSchema>;

const sentSchema = z.object({ workspace_id: z.string(), execution_id: z.string(), node_id: z.string() });

/**
 * Picks up what was left behind, in all workspaces: messages that never arrived, steps whose owner vanished,
 * executions whose time is over. Reads only what is due, by index, page by page; what one run cannot do the next
 * one does. Each send is claimed by the UPDATE that decides it, and the time to the next doubles: a backlog makes
 * no storm, however many sweepers run.
 */
export async function sweep(engine: Engine): Promise<void> {
  for (;;) {
    const now = engine.clock.now();
    const page = await overdueSteps(engine, now);
    const late = page.filter((step) => step.deadline_at <= now);
    const inTime = page.filter((step) => step.deadline_at > now);
    const gone = inTime.filter((step) => step.status === "running" && step.losses + 1 >= MAX_LOSSES);

    // Sending first: it is one statement, and what follows may use the rest of the queries up.
    await sendAgain(
      engine,
      inTime.filter((step) => !gone.includes(step)),
      now,
    );
    for (const key of uniqueExecutions(late)) {
      if (engine.db.usage.queries > QUERY_BUDGET) return;
      await guarded(engine, key, () => timeOut(engine, key));
    }
    for (const step of gone) {
      if (engine.db.usage.queries > QUERY_BUDGET) return;
      await guarded(engine, keyOf(step), () => failAbandoned(engine, keyOf(step), WORKER_LOST));
    }
    if (page.length < PAGE || engine.db.usage.queries > QUERY_BUDGET) return;
  }
}

/** One execution that cannot be mended must not keep the sweeper from all others. */
async function guarded(engine: Engine, key: { executionId: string }, mend: () => Promise<void>): Promise<void> {
  try {
    await mend();
  } catch (error) {
    engine.log.log("error", "Engine", errorText(error), { executionId: key.executionId });
  }
}

async function overdueSteps(engine: Engine, now: number): Promise<Overdue[]> {
  const { results } = await engine.db.d1
    .prepare(
      `SELECT s.workspace_id, s.execution_id, s.node_id, s.status, s.losses, e.deadline_at
       FROM steps s JOIN executions e ON e.workspace_id = s.workspace_id AND e.id = s.execution_id
       WHERE s.wake_at <= ?1 AND s.status IN ('ready', 'running') ORDER BY s.wake_at LIMIT ?2`,
    )
    .bind(now, PAGE)
    .run();
  return z.array(overdueSchema).parse(results);
}

/**
 * Makes steps with an expired lease ready again, and claims and sends the messages of all of them. A step whose worker
 * vanished begins anew: its chain's deadline must not have run out while nobody worked on it.
 */
async function sendAgain(engine: Engine, overdue: readonly Overdue[], now: number): Promise<void> {
  if (overdue.length === 0) return;
  const { results } = await engine.db.d1
    .prepare(
      `UPDATE steps SET losses = losses + (status = 'running'), status = 'ready', sends = sends + 1, held = 0,
         started_at = CASE WHEN status = 'running' THEN NULL ELSE started_at END,
         put_back_at = CASE WHEN status = 'running' THEN NULL ELSE put_back_at END, wake_at = ?2 + ?3 * (1 << min(sends, 7))
       FROM json_each(?1) AS due
       WHERE steps.workspace_id = due.value ->> 'workspaceId' AND steps.execution_id = due.value ->> 'executionId'
         AND steps.node_id = due.value ->> 'nodeId' AND steps.wake_at <= ?2 AND steps.status IN ('ready', 'running')
       RETURNING workspace_id, execution_id, node_id`,
    )
    .bind(JSON.stringify(overdue.map(keyOf)), now, SEND_GRACE_MS)
    .run();
  await engine.send(z.array(sentSchema).parse(results).map(keyOf));
}

function keyOf(step: z.infer<typeof sentSchema>) {
  return { workspaceId: step.workspace_id, executionId: step.execution_id, nodeId: step.node_id };
}

function uniqueExecutions(overdue: readonly Overdue[]) {
  return [...new Map(overdue.map((step) => [step.execution_id, keyOf(step)])).values()];
}
