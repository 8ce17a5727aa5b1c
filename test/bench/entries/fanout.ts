import { startTestInstance } from "../../support/instance.ts";
import { createWorkflow, graphOf, longestPath } from "../../support/workflows.ts";
import { type Figures, median, repeat } from "../figure.ts";
import { timedExecution } from "../timed-execution.ts";

const ROUNDS = 7;

const STARTS = Array.from({ length: 8 }, (_, index) => `agent${index}`);
const BRANCHES = ["a", "b", "c", "d"];
const FORK = BRANCHES.flatMap((name) => [`start>${name}1`, `${name}1>${name}2`, `${name}2>join`]);

/**
 * How much longer agents side by side take than the longest path among them: eight that all begin at once, and a fork
 * in the middle of a graph into four branches of two, whose messages are sent by the step before it.
 */
export async function fanout(): Promise<Figures> {
  const swarm = await startTestInstance();
  try {
    const person = await swarm.signUp();
    const ratio = async (edges: readonly string[], callMs: number) => {
      swarm.providers.on({}, { delayMs: callMs });
      const criticalMs = callMs * longestPath(graphOf(edges));
      const workflowId = await createWorkflow(person, edges);
      const measure = () => timedExecution(person, workflowId, criticalMs + 200);
      // The first round loads the SDKs.
      await measure();
      return median(await repeat(ROUNDS, measure)) / criticalMs;
    };
    const unit = "of the critical path";
    return {
      "fanout.ratio": { value: await ratio(STARTS, 500), unit, aim: "<= 1.25" },
      "fork.ratio": { value: await ratio(FORK, 200), unit },
    };
  } finally {
    await swarm.stop();
  }
}
