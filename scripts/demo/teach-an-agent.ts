import { executed } from "./executed.ts";
import { bodyOf, type Chapter, type Tour } from "./tour.ts";

const MODELS: Readonly<Record<string, string>> = {
  openai: "gpt-6-luna",
  anthropic: "claude-haiku-4-5",
  gemini: "gemini-3-flash-preview",
};
const ROLE = "support";

/** What people write down for a role, and how an agent of that role is given it. */
export const teachAnAgent: Chapter = {
  title: "An agent draws on what the workspace knows",
  async show(tour) {
    const knowledge = tour.api.api.knowledge;
    for (const [category, content] of [
      ["refunds", "A refund is paid within 14 days, to the account that the payment came from."],
      ["vouchers", "Vouchers are refunded as vouchers."],
    ] as const) {
      await bodyOf(await knowledge.$post({ json: { agentRole: ROLE, category, content, confidence: 95 } }));
    }
    const provider = tour.providers.find((name) => MODELS[name] !== undefined) ?? "openai";
    const workflow = await bodyOf(await tour.api.api.workflows.$post({ json: helpdesk(provider) }));
    const execution = await executed(tour, workflow.id, { input: { text: "When do I get my refund?" } });
    const { items } = await bodyOf(
      await tour.api.api.executions[":id"].logs.$get({ param: { id: execution.id }, query: {} }),
    );
    const given = items.find(({ message }) => message.includes("was given"));
    if (!given) throw new Error("The agent was to be given what is known for its role.");
    tour.say(`The log says: ${given.message}. Its ids stand beside it, its contents do not.`);
    await showTemplates(tour);
  },
};

async function showTemplates(tour: Tour): Promise<void> {
  const { items } = await bodyOf(await tour.api.api.templates.$get());
  for (const { name, agents } of items) tour.say(`  ${name}: ${agents.map((agent) => agent.name).join(", ")}`);
  const [first] = items;
  if (!first) throw new Error("There were to be templates.");
  const installed = await bodyOf(await tour.api.api.templates[":id"].install.$post({ param: { id: first.id } }));
  tour.say(`Those are the workflows to start from. "${installed.name}" is installed now, ready to be executed.`);
}

function helpdesk(provider: string) {
  return {
    name: "Helpdesk",
    description: "One agent that knows what is written down for its role.",
    nodes: [{ id: "helper", type: "agent" as const, position: { x: 0, y: 0 } }],
    edges: [],
    agents: [
      {
        id: "helper-agent",
        nodeId: "helper",
        name: "Helper",
        role: ROLE,
        provider,
        model: MODELS[provider] ?? "gpt-6-luna",
        prompt: "Answer this customer in two sentences: {{input.text}}",
        temperature: 0,
        maxTokens: 300,
        capabilities: [],
        useKnowledge: true,
      },
    ],
    settings: { timeoutSeconds: 120 },
  };
}
