import type { Account } from "../support/account.ts";
import { ended, execute } from "../support/workflows.ts";
import { pause } from "./figure.ts";

/**
 * Executes a workflow and answers the milliseconds from the request to the execution's end, by the Worker's own
 * record. Asks for that end only after `expectedMs`: asking earlier would slow down what is measured.
 * Throws when the execution does not succeed.
 */
export async function timedExecution(person: Account, workflowId: string, expectedMs: number): Promise<number> {
  const askedAt = Date.now();
  const executionId = await execute(person, workflowId);
  await pause(expectedMs);
  const execution = await ended(person, executionId);
  if (execution.status !== "succeeded") throw new Error(`The execution ended as ${execution.status}.`);
  return Date.parse(execution.completedAt ?? "") - askedAt;
}
