import { bodyOf, type Tour } from "./tour.ts";

const PATIENCE_MS = 120_000;

/** Executes a workflow and answers the execution once it has ended as expected. Throws with its status when it ends otherwise. */
export async function executed(
  tour: Tour,
  workflowId: string,
  json: { input: { text: string }; version?: string },
  expected: "succeeded" | "failed" = "succeeded",
) {
  const { executionId } = await bodyOf(
    await tour.api.api.workflows[":id"].execute.$post({ param: { id: workflowId }, header: {}, json }),
  );
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const execution = await bodyOf(await tour.api.api.executions[":id"].$get({ param: { id: executionId } }));
    if (execution.status === expected) return execution;
    if (execution.completedAt !== null) throw new Error(`The execution ended as ${execution.status}.`);
    if (Date.now() > deadline) throw new Error(`The execution has not ended within ${PATIENCE_MS / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
