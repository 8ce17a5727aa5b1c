import { env } from "cloudflare:workers";
import { z } from "zod";
import { createWorkflow } from "../worker/workflows.ts";
import type { World } from "./world.ts";

/** A fork and its join, of which the first answers with more than a row takes. */
export const GRAPH = ["a>b", "a>c", "b>d", "c>d"];
export const STEPS = 4;

/** Makes the workflow of {@link GRAPH}, of which no step is given up by itself. */
export function workflowOf(world: World, edges: readonly string[] = GRAPH): Promise<string> {
  return createWorkflow(world.account, edges, { agents: { d: { learnKnowledge: true, useKnowledge: true } } });
}

interface Row {
  id: string;
  status: string;
  error: string | null;
  trigger_type: string;
}

export async function executionsOf(workflowId: string): Promise<Row[]> {
  const { results } = await env.DB.prepare(
    "SELECT id, status, error, trigger_type FROM executions WHERE workflow_id = ? ORDER BY id",
  )
    .bind(workflowId)
    .all<Row>();
  return results;
}

/** What is wrong unless this workflow was executed exactly once and succeeded, each step with one result. */
export async function unlessOnce(workflowId: string, steps = STEPS): Promise<string[]> {
  const executions = await executionsOf(workflowId);
  if (executions.length !== 1) return [`${executions.length} executions instead of one`];
  const [{ id, status, error } = { id: "", status: "", error: "" }] = executions;
  const faults = status === "succeeded" ? [] : [`the execution ended as ${status}: ${error}`];
  const done = await env.DB.prepare("SELECT count(*) AS n FROM steps WHERE execution_id = ? AND status = 'succeeded'")
    .bind(id)
    .first("n");
  return done === steps ? faults : [...faults, `${done} of ${steps} steps succeeded`];
}

/** Calls that the ledger holds. */
export async function ledgerRows(): Promise<number> {
  return z.number().parse(await env.DB.prepare("SELECT count(*) AS n FROM execution_costs").first("n"));
}

interface Paid {
  /** Calls that the provider got. */
  calls: number;
  /** Steps that were executed. */
  steps: number;
  /** Calls that the ledger held before. */
  paid: number;
  /** Whether an invocation died on the way. */
  died: boolean;
}

/**
 * What is wrong unless the provider was asked once for each step, and each answer stands in the ledger. Where a fault
 * took an answer the call is made once more, and that alone; where the consumer died with it, it is in no ledger.
 */
export async function unlessPaidOnce({ calls, steps, paid, died }: Paid): Promise<string[]> {
  const rows = (await ledgerRows()) - paid;
  const known = died ? rows >= steps && rows <= calls : rows === calls;
  return calls >= steps && calls <= steps + 1 && known
    ? []
    : [`${calls} calls for ${steps} steps, ${rows} in the ledger`];
}
