import OpenAI from "openai";
import { z } from "zod";
import type { Account } from "../../support/account.ts";
import { startTestInstance, type TestInstance } from "../../support/instance.ts";
import { createWorkflow, execute, TARGETS } from "../../support/workflows.ts";
import { compared, type Figures, median, pause, repeat } from "../figure.ts";

const STEPS = ["a", "b", "c"];
const EXECUTIONS = 60;
/** So many are started at once, and so many callers of the control work side by side. */
const AT_ONCE = 8;
const ROUNDS = 7;
const GIVEN_UP_MS = 60_000;
const [TARGET] = TARGETS;
const endedSchema = z.object({ ended: z.number(), succeeded: z.number().nullable(), last: z.number().nullable() });

/**
 * How many executions of a chain of three steps end in a second, from the first request to the last end, when the provider
 * answers at once. The control makes the same calls by the provider's own SDK, as many side by side, and keeps nothing.
 */
export async function execution(): Promise<Figures> {
  const swarm = await startTestInstance();
  try {
    const person = await swarm.signUp();
    const agents = Object.fromEntries(STEPS.map((step) => [step, TARGET]));
    const workflowId = await createWorkflow(person, ["a>b", "b>c"], { agents });
    const client = new OpenAI({ apiKey: "bench", baseURL: `${swarm.providers.url}/v1`, maxRetries: 0 });
    const measure = async () => ({
      value: await executionsPerSecond(swarm, person, workflowId),
      control: await controlPerSecond(client),
    });
    // The first round loads the SDKs and warms the caches of both.
    await measure();
    const rounds = await repeat(ROUNDS, measure);
    return {
      "execution.throughput": {
        ...compared(rounds, "executions a second"),
        ratio: median(rounds.map(({ value, control }) => value / control)),
      },
    };
  } finally {
    await swarm.stop();
  }
}

/** Starts them, some side by side, and lets the Worker's own record say when the last one ended. */
async function executionsPerSecond(swarm: TestInstance, person: Account, workflowId: string): Promise<number> {
  const beganAt = Date.now();
  await sideBySide(async () => {
    await execute(person, workflowId);
  });
  for (;;) {
    // Not over the API: whoever asks it 60 times would be measured too.
    const [row] = await swarm.query(
      `SELECT count(*) AS ended, sum(status = 'succeeded') AS succeeded, max(completed_at) AS last
       FROM executions WHERE workflow_id = ?1 AND created_at >= ?2 AND completed_at IS NOT NULL`,
      workflowId,
      beganAt,
    );
    const { ended, succeeded, last } = endedSchema.parse(row);
    if (ended === EXECUTIONS && succeeded !== EXECUTIONS) throw new Error(`${succeeded} of ${ended} succeeded.`);
    if (ended === EXECUTIONS && last !== null) return (EXECUTIONS * 1_000) / (last - beganAt);
    if (Date.now() - beganAt > GIVEN_UP_MS) throw new Error(`${ended} of ${EXECUTIONS} ended.`);
    await pause(50);
  }
}

async function controlPerSecond(client: OpenAI): Promise<number> {
  const beganAt = performance.now();
  await sideBySide(() => callThrice(client));
  return (EXECUTIONS * 1_000) / (performance.now() - beganAt);
}

async function sideBySide(once: () => Promise<void>): Promise<void> {
  let begun = 0;
  const caller = async () => {
    while (begun < EXECUTIONS) {
      begun += 1;
      await once();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
}

async function callThrice(client: OpenAI): Promise<void> {
  for (const step of STEPS) {
    await client.chat.completions.create({
      model: TARGET.model,
      messages: [
        { role: "developer", content: `You are ${step}.` },
        { role: "user", content: "go" },
      ],
    });
  }
}
