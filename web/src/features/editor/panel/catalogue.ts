import { useQuery } from "@tanstack/react-query";
import { providersQuery } from "../../../api/providers.ts";
import { formatMoney } from "../../../lib/money.ts";
import { formatTokens } from "../../../lib/tokens.ts";

type Providers = NonNullable<ReturnType<typeof useCatalogue>>;
export type Model = Providers[number]["models"][number];

/** The providers with their models; undefined until they are known. */
export function useCatalogue() {
  return useQuery(providersQuery).data?.items;
}

/** The models of one provider, those that are served before those that were shut down. */
export function modelsOf(catalogue: Providers | undefined, provider: string): readonly Model[] {
  const models = catalogue?.find((each) => each.provider === provider)?.models ?? [];
  return models.toSorted((one, other) => Number(isRetired(one)) - Number(isRetired(other)));
}

/** The model that takes the place of one when the provider is changed: of the same tier as far as there is one. */
export function counterpartOf(catalogue: Providers | undefined, from: { provider: string; model: string }, to: string) {
  const tier = modelsOf(catalogue, from.provider).find(({ id }) => id === from.model)?.tier ?? "small";
  const served = modelsOf(catalogue, to).filter((model) => !isRetired(model));
  return (served.find((model) => model.tier === tier) ?? served[0])?.id;
}

/** Whether a model was shut down, or has a day on which it will be. */
export function isRetired({ retiredAt }: Model): boolean {
  return retiredAt !== null;
}

/** When a retired model's provider shut it down, or will: "Shut down on 2026-10-23", "Will be shut down on 2027-01-14". */
export function retirementWords({ retiredAt }: Model): string | null {
  if (retiredAt === null) return null;
  const day = retiredAt.slice(0, 10);
  return Date.parse(retiredAt) > Date.now() ? `Will be shut down on ${day}.` : `Shut down on ${day}.`;
}

/** "128 k window, $0.40 in and $1.60 out per million tokens". */
export function modelFacts({ contextWindow, price }: Model): string {
  const window = contextWindow === null ? [] : [`${formatTokens(contextWindow)} window`];
  const cost = price
    ? `${perMillion(price.inputTokenPrice)} in, ${perMillion(price.outputTokenPrice)} out per million tokens`
    : "no price known";
  return [...window, cost].join(", ");
}

/** A price is micro-dollars for a million tokens. */
function perMillion(microUsd: number): string {
  return formatMoney(BigInt(microUsd) * 1_000n);
}
