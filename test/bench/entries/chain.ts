import OpenAI from "openai";
import { startTestInstance } from "../../support/instance.ts";
import { createWorkflow, TARGETS } from "../../support/workflows.ts";
import { compared, type Figures, repeat } from "../figure.ts";
import { timedExecution } from "../timed-execution.ts";

const STEPS = 10;
const ROUNDS = 9;
const [TARGET] = TARGETS;

/**
 * What a step costs beside the model's own time: a chain of ten agents whose provider answers at once, from the
 * request to the execution's end, over ten. The control is the same ten calls made by the provider's own SDK.
 */
export async function chain(): Promise<Figures> {
  const swarm = await startTestInstance();
  try {
    const person = await swarm.signUp();
    const nodes = Array.from({ length: STEPS }, (_, index) => `step${index}`);
    const agents = Object.fromEntries(nodes.map((node) => [node, TARGET]));
    const edges = nodes.slice(1).map((node, index) => `step${index}>${node}`);
    const workflowId = await createWorkflow(person, edges, { agents });

    const client = new OpenAI({ apiKey: "bench", baseURL: `${swarm.providers.url}/v1`, maxRetries: 0 });
    const measure = async () => {
      const value = (await timedExecution(person, workflowId, 300)) / STEPS;
      return { value, control: (await timeOfCalls(client)) / STEPS };
    };
    // The first round loads the SDKs and warms the caches of both.
    await measure();
    return { "chain.overhead_ms": compared(await repeat(ROUNDS, measure), "ms a step") };
  } finally {
    await swarm.stop();
  }
}

async function timeOfCalls(client: OpenAI): Promise<number> {
  const beganAt = performance.now();
  let prompt = "go";
  for (let call = 0; call < STEPS; call += 1) {
    const answer = await client.chat.completions.create({
      model: TARGET.model,
      messages: [
        { role: "developer", content: `You are step${call}.` },
        { role: "user", content: prompt },
      ],
    });
    prompt = answer.choices[0]?.message.content ?? "";
  }
  return performance.now() - beganAt;
}
