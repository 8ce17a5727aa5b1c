import { CATALOGUE } from "./catalogue.generated.ts";
import type { CatalogueModel, Price } from "./catalogue-model.ts";
import { lastSuccessor } from "./rules/last-successor.ts";
import { isCatalogueProvider, namesOf } from "./rules/match-model.ts";

const byName = new Map(
  CATALOGUE.flatMap((model) => [model.id, ...model.aliases].map((name) => [`${model.provider} ${name}`, model])),
);

/**
 * The catalogue's row of a model, also when it is named with a date or by another of its names. Case counts. `null`
 * for a model or provider that is not known: a near name is never taken for it, since it may cost something else.
 */
export function findModel(provider: string, model: string): CatalogueModel | null {
  if (!isCatalogueProvider(provider)) return null;
  for (const name of namesOf(provider, model)) {
    const found = byName.get(`${provider} ${name}`);
    if (found) return found;
  }
  return null;
}

/** The models of a provider: those that stay, by id with higher numbers first, then those that go, the latest first. */
export function modelsOf(provider: string): CatalogueModel[] {
  return CATALOGUE.filter((model) => model.provider === provider);
}

/**
 * The id of the model that takes the place of this one in the end, through however many replacements. It has no
 * retirement announced. `null` when the model is unknown or needs no successor.
 */
export function successorOf(provider: string, model: string): string | null {
  const found = findModel(provider, model);
  return found && lastSuccessor(found.id, (id) => findModel(provider, id)?.successor ?? null);
}

/** Whether the provider refuses the model at `now` (epoch ms). An announced retirement counts from its day on. */
export function isRetired(model: CatalogueModel, now: number): boolean {
  return model.retiredAt !== null && Date.parse(model.retiredAt) <= now;
}

/** The catalogue's price of a model at a time (epoch ms); `null` when the model is unknown or had no price yet. */
export function priceAt(provider: string, model: string, at: number): Price | null {
  const prices = findModel(provider, model)?.prices ?? [];
  return prices.findLast((price) => Date.parse(price.effectiveDate) <= at) ?? null;
}
