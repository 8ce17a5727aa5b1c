import { executed } from "./executed.ts";
import { bodyOf, type Chapter, type Tour } from "./tour.ts";

const MODELS: Readonly<Record<string, string>> = {
  openai: "gpt-6-luna",
  anthropic: "claude-haiku-4-5",
  gemini: "gemini-3-flash-preview",
};

/** A budget that refuses a call before it is sent, and lets it through once its limit is raised. */
export const holdABudget: Chapter = {
  title: "A budget holds",
  async show(tour) {
    const provider = tour.providers.find((name) => MODELS[name] !== undefined) ?? "openai";
    const workflow = await bodyOf(await tour.api.api.workflows.$post({ json: forecast(provider) }));
    const { id } = await bodyOf(
      await tour.api.api.budgets.$post({
        json: { workflowId: workflow.id, period: "day", limitUsd: "0.00001", action: "block" },
      }),
    );
    tour.say(`"${workflow.name}" may spend 0.00001 USD a day. Executing it ...\n`);
    const refused = await executed(tour, workflow.id, { input: { text: "tomorrow" } }, "failed");
    const [step] = refused.steps;
    if (step?.error?.code !== "budget") throw new Error("The call was to be refused by its budget.");
    tour.say(`  ${step.error.message}\n`);

    await bodyOf(await tour.api.api.budgets[":id"].$put({ param: { id }, json: { limitUsd: "0.05" } }));
    await executed(tour, workflow.id, { input: { text: "tomorrow" } });
    await showBudget(tour, id);
  },
};

async function showBudget(tour: Tour, id: string): Promise<void> {
  const { items } = await bodyOf(await tour.api.api.budgets.$get({ query: {} }));
  const budget = items.find((each) => each.id === id);
  if (!budget || budget.spentNanoUsd === 0) throw new Error("The call was to be counted in its budget.");
  tour.say(`With a limit of ${budget.limitUsd} USD it succeeds: ${budget.spentUsd} USD are spent,`);
  tour.say(`${budget.reservedUsd} reserved, ${budget.remainingUsd} left until ${budget.periodEnd}.`);
}

function forecast(provider: string) {
  return {
    name: "Forecast",
    description: "One agent that has little to spend.",
    nodes: [{ id: "forecaster", type: "agent" as const, position: { x: 0, y: 0 } }],
    edges: [],
    agents: [
      {
        id: "forecaster-agent",
        nodeId: "forecaster",
        name: "Forecaster",
        role: "forecaster",
        provider,
        model: MODELS[provider] ?? "gpt-6-luna",
        prompt: "The weather of {{input.text}}, in one sentence.",
        temperature: 0,
        maxTokens: 200,
        capabilities: [],
        fallback: { enabled: false },
      },
    ],
    settings: { timeoutSeconds: 120 },
  };
}
