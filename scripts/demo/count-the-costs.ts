import { bodyOf, type Chapter } from "./tour.ts";

/** What all calls of the tour cost: by workflow and by provider, with the total. */
export const countTheCosts: Chapter = {
  title: "What it cost",
  async show(tour) {
    const costs = await bodyOf(await tour.api.api.analytics.costs.$get({ query: {} }));
    const simulated = tour.providers.length === 0 ? " The prices are real, the replies were not." : "";
    tour.say(`Every call of this tour, by workflow (the deleted one too) and by provider.${simulated}\n`);
    tour.say(line("", { calls: "calls", inputTokens: "input", outputTokens: "output", costUsd: "US dollars" }));
    for (const { name, id, ...spent } of costs.byWorkflow) tour.say(line(name ?? id, spent));
    tour.say("");
    for (const { provider, ...spent } of costs.byProvider) tour.say(line(provider, spent));
    tour.say("");
    tour.say(line("total", { ...costs, costUsd: costs.totalCostUsd }));

    const shares = costs.byProvider.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0);
    if (costs.calls === 0 || shares !== costs.totalCostNanoUsd) {
      throw new Error(`The providers' shares add up to ${shares} nano-USD, not to ${costs.totalCostNanoUsd}.`);
    }
    const each = costs.costPerSuccessfulExecution?.costUsd ?? "-";
    tour.say(`\n${costs.executions.succeeded} executions succeeded, for $${each} each.`);
  },
};

interface Spent {
  calls: number | string;
  inputTokens: number | string;
  outputTokens: number | string;
  costUsd: string | null;
}

function line(name: string, { calls, inputTokens, outputTokens, costUsd }: Spent): string {
  const figures = [calls, inputTokens, outputTokens].map((figure) => String(figure).padStart(8)).join("");
  return `  ${name.slice(0, 24).padEnd(24)}${figures}${(costUsd ?? "unpriced").padStart(16)}`;
}
