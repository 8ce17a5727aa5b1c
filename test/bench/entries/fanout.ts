import { startTestInstance } from "../../support/instance.ts";
import { createWorkflow } from "../../support/workflows.ts";
import { type Figures, median, repeat } from "../figure.ts";
import { timedExecution } from "../timed-execution.ts";

const AGENTS = 8;
const CALL_MS = 500;
const ROUNDS = 7;

/** How much longer eight agents side by side take than one of them: wall time over the critical path. */
export async function fanout(): Promise<Figures> {
  const swarm = await startTestInstance();
  try {
    const person = await swarm.signUp();
    swarm.providers.on({}, { delayMs: CALL_MS });
    const nodes = Array.from({ length: AGENTS }, (_, index) => `agent${index}`);
    const workflowId = await createWorkflow(person, nodes);
    const measure = () => timedExecution(person, workflowId, CALL_MS + 200);
    // The first round loads the SDKs.
    await measure();
    const value = median(await repeat(ROUNDS, measure)) / CALL_MS;
    return { "fanout.ratio": { value, unit: "of the critical path", aim: "<= 1.25" } };
  } finally {
    await swarm.stop();
  }
}
