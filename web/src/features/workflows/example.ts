import type { NewWorkflow } from "./queries.ts";

/** A provider and model that the example's agents can call. */
export interface Target {
  provider: string;
  model: string;
}

/**
 * The workflow that a new person starts from: two agents look at a topic from two sides, and a third one writes a short
 * article out of what they found. Small enough to read at a glance, with a fork and a join.
 */
export function exampleWorkflow({ provider, model }: Target): NewWorkflow {
  const agent = (nodeId: string, name: string, systemPrompt: string, prompt: string) => ({
    id: `agent-${nodeId}`,
    nodeId,
    name,
    role: nodeId,
    provider,
    model,
    systemPrompt,
    prompt,
    temperature: 0.5,
    maxTokens: 600,
    capabilities: [],
  });
  return {
    name: "Short article",
    description: "Two agents gather facts and objections on a topic, a third writes the article.",
    nodes: [
      { id: "facts", type: "agent", position: { x: 0, y: 0 } },
      { id: "objections", type: "agent", position: { x: 0, y: 160 } },
      { id: "article", type: "agent", position: { x: 320, y: 80 } },
    ],
    edges: [
      { id: "facts-article", source: "facts", target: "article" },
      { id: "objections-article", source: "objections", target: "article" },
    ],
    agents: [
      agent("facts", "Facts", "You collect facts and say how sure each one is.", "List five facts on: {{input.topic}}"),
      agent(
        "objections",
        "Objections",
        "You look for what is commonly got wrong.",
        "List three common misconceptions on: {{input.topic}}",
      ),
      agent(
        "article",
        "Article",
        "You write clearly and briefly for curious people.",
        "Write 150 words on {{input.topic}}.\n\nFacts:\n{{steps.facts.output}}\n\nMisconceptions:\n{{steps.objections.output}}",
      ),
    ],
    // Without it an execution with nothing entered would succeed, with an article on "null".
    settings: {
      inputSchema: {
        type: "object",
        properties: {
          topic: { type: "string", title: "Topic", description: "What the article is on, such as: why cats purr" },
        },
        required: ["topic"],
      },
    },
  };
}
