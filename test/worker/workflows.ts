import type { Account } from "./accounts.ts";

/** Edges as "a>b" or "a>b?condition"; nodes are what they name. */
export function definitionOf(
  edges: readonly string[],
  options: { settings?: object; agents?: Record<string, object> } = {},
) {
  const parsed = edges.map((text, index) => {
    const [arrow = "", ...condition] = text.split("?");
    const [source = "", target = ""] = arrow.split(">");
    return { id: `e${index}`, source, target, ...(condition.length > 0 ? { condition: condition.join("?") } : {}) };
  });
  const names = [...new Set(parsed.flatMap(({ source, target }) => (target === "" ? [source] : [source, target])))];
  return {
    nodes: names.map((id, index) => ({ id, type: "agent" as const, position: { x: index * 100, y: 0 } })),
    edges: parsed.filter(({ target }) => target !== ""),
    agents: names.map((id) => ({
      id: `agent-${id}`,
      nodeId: id,
      name: id.toUpperCase(),
      role: "tester",
      provider: "openai",
      model: "gpt-4.1-mini",
      systemPrompt: `You are ${id}.`,
      temperature: 0,
      maxTokens: 100,
      capabilities: [],
      ...options.agents?.[id],
    })),
    settings: options.settings ?? {},
  };
}

let made = 0;

/** Creates a workflow over the API and answers its id. */
export async function createWorkflow(
  account: Account,
  edges: readonly string[],
  options: Parameters<typeof definitionOf>[1] = {},
): Promise<string> {
  made += 1;
  const { status, body } = await account.send<{ id: string }>("POST", "/api/workflows", {
    name: `Workflow ${made}`,
    ...definitionOf(edges, options),
  });
  if (status !== 201) throw new Error(`creating a workflow answered ${status}: ${JSON.stringify(body)}`);
  return body.id;
}
