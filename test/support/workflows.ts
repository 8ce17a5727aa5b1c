import { z } from "zod";
import {
  attemptSchema,
  type ExecutionDetail,
  executionDetailSchema,
  startedSchema,
} from "../../src/executions/inputs.ts";
import type { Account } from "./account.ts";

const workflowSchema = z.object({ id: z.string() });
const attemptPage = z.object({ items: z.array(attemptSchema), nextCursor: z.null() });

/** A model of each provider that the stand-in plays. */
export const TARGETS = [
  { provider: "openai", model: "gpt-4.1-mini" },
  { provider: "anthropic", model: "claude-haiku-4-5" },
  { provider: "gemini", model: "gemini-3.5-flash-lite" },
] as const;

export interface GraphOptions {
  /** Fields of single agents, by node, over what they get otherwise. */
  agents?: Record<string, object>;
  settings?: { maxParallel?: number; stepRetries?: number; timeoutSeconds?: number };
}

/**
 * A definition from its edges, each as "a>b" or "a>b?condition"; a node alone stands as "a". Agents take turns between
 * the three providers, in the order in which nodes are first named, and say their node in the system prompt.
 */
export function graphOf(edges: readonly string[], options: GraphOptions = {}) {
  const parsed = edges.map((text) => {
    const [arrow = "", ...condition] = text.split("?");
    const [source = "", target] = arrow.split(">");
    return { source, target, condition: condition.length === 0 ? undefined : condition.join("?") };
  });
  const nodes = [
    ...new Set(parsed.flatMap(({ source, target }) => (target === undefined ? [source] : [source, target]))),
  ];
  return {
    nodes: nodes.map((id, index) => ({ id, type: "agent" as const, position: { x: index * 100, y: 0 } })),
    edges: parsed.flatMap(({ source, target, condition }, index) =>
      target === undefined
        ? []
        : { id: `e${index}`, source, target, ...(condition === undefined ? {} : { condition }) },
    ),
    agents: nodes.map((id, index) => ({
      id: `agent-${id}`,
      nodeId: id,
      name: id,
      role: "worker",
      ...(TARGETS[index % TARGETS.length] ?? TARGETS[0]),
      systemPrompt: `You are ${id}.`,
      temperature: 0,
      maxTokens: 200,
      capabilities: [],
      ...options.agents?.[id],
    })),
    settings: options.settings ?? {},
  };
}

/** The node whose agent made a call, read from the system prompt that {@link graphOf} gives. */
export function nodeOf(call: { system: string }): string {
  return /^You are (.+)\.$/m.exec(call.system)?.[1] ?? "";
}

/** The number of nodes on the longest path through a graph without cycles. */
export function longestPath({ nodes, edges }: ReturnType<typeof graphOf>): number {
  const known = new Map<string, number>();
  const from = (node: string): number => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const behind = edges.filter(({ source }) => source === node).map(({ target }) => from(target));
    const length = 1 + Math.max(0, ...behind);
    known.set(node, length);
    return length;
  };
  return Math.max(...nodes.map(({ id }) => from(id)));
}

/** Creates a workflow of that graph and answers its id. */
export async function createWorkflow(
  person: Account,
  edges: readonly string[],
  options: GraphOptions = {},
): Promise<string> {
  const body = { name: "A graph", ...graphOf(edges, options) };
  return workflowSchema.parse(await asked(person, "POST", "/api/workflows", body)).id;
}

/** Executes a workflow's draft and answers the execution's id. A `key` makes it safe to send twice. */
export async function execute(person: Account, workflowId: string, key?: string): Promise<string> {
  const headers = key === undefined ? {} : { "Idempotency-Key": key };
  const body = await asked(person, "POST", `/api/workflows/${workflowId}/execute`, { input: "go" }, headers);
  return startedSchema.parse(body).executionId;
}

/** An execution as it stands now, with its steps. */
export async function readExecution(person: Account, executionId: string): Promise<ExecutionDetail> {
  return executionDetailSchema.parse(await asked(person, "GET", `/api/executions/${executionId}`));
}

/** Waits until an execution has ended, and answers it. Throws with its steps when that takes longer than `withinMs`. */
export async function ended(person: Account, executionId: string, withinMs = 30_000): Promise<ExecutionDetail> {
  return until(person, executionId, (execution) => execution.completedAt !== null, withinMs);
}

/** Waits until an execution is as wished. Throws with its steps when that takes longer than `withinMs`. */
export async function until(
  person: Account,
  executionId: string,
  wished: (execution: ExecutionDetail) => boolean,
  withinMs = 30_000,
): Promise<ExecutionDetail> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const execution = await readExecution(person, executionId);
    if (wished(execution)) return execution;
    if (Date.now() > deadline) {
      const steps = execution.steps.map(({ nodeId, status }) => `${nodeId} ${status}`).join(", ");
      throw new Error(`After ${withinMs} ms the execution is ${execution.status}: ${steps}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Every call to a provider that an execution made, oldest first. */
export async function attemptsOf(person: Account, executionId: string): Promise<z.infer<typeof attemptSchema>[]> {
  return attemptPage.parse(await asked(person, "GET", `/api/executions/${executionId}/attempts`)).items;
}

/** The body of an answer that is no refusal. Throws with the refusal otherwise. */
async function asked(person: Account, ...request: Parameters<Account["request"]>): Promise<unknown> {
  const { status, body } = await person.request(...request);
  if (status >= 400) throw new Error(`${request[0]} ${request[1]} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}
