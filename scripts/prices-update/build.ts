import {
  CAPABILITIES,
  CATALOGUE_PROVIDERS,
  type CatalogueModel,
  type Price,
  type Tier,
} from "../../src/costs/catalogue-model.ts";
import { namesOf } from "../../src/costs/rules/match-model.ts";
import { microUsd } from "./decimal.ts";
import { pricesOf } from "./prices.ts";
import {
  ADDED,
  CONTEXT_WINDOWS,
  KEPT,
  LACKING,
  MAX_OUTPUT_TOKENS,
  NO_ALIAS,
  PUBLISHED,
  RETIREMENTS,
  TIER_OVERRIDES,
} from "./reviewed.ts";
import { type SourceModel, spelledNames } from "./source.ts";

/** At least this many tokens of context count as long. */
const LONG_CONTEXT = 400_000;

/** Output prices, in micro-USD per million tokens, up to which a model is small, and medium. */
const SMALL_UP_TO = 5_000_000;
const MEDIUM_UP_TO = 15_000_000;

/**
 * The catalogue as it has to be, in its order, and the ids that were left out. Throws when a model lacks what the
 * reviewed tables should say, when two models claim one name, and when a reviewed entry names no model.
 */
export function buildCatalogue(source: readonly SourceModel[]): { catalogue: CatalogueModel[]; leftOut: string[] } {
  // An addition gives way once the data has the model itself.
  const isNew = (model: SourceModel) =>
    !source.some((each) => each.provider === model.provider && each.id === model.id);
  const all = [...source, ...ADDED.filter(isNew)];
  const isKept = (model: SourceModel) => KEPT[model.provider].test(idOf(model));
  const catalogue = all.filter(isKept).map(rowOf).sort(inOrder);
  assertNamesOnce(catalogue);
  assertReviewedExist(catalogue);
  const leftOut = all.filter((model) => !isKept(model)).map((model) => `${model.provider} ${model.id}`);
  return { catalogue, leftOut };
}

function rowOf(model: SourceModel): CatalogueModel {
  const id = idOf(model);
  const contextWindow = model.context_window ?? firstMatch(CONTEXT_WINDOWS, id);
  if (contextWindow === undefined) throw new Error(`${id} has no context window: add it to the reviewed ones`);
  const prices = withPublished(id, pricesOf(model));
  const [retiredAt, successor] = RETIREMENTS[id] ?? [null, null];
  return {
    provider: model.provider,
    id,
    aliases: aliasesOf(model, id),
    contextWindow,
    maxOutputTokens: firstMatch(MAX_OUTPUT_TOKENS, id) ?? null,
    capabilities: CAPABILITIES.filter((capability) => {
      if (capability === "text") return true;
      if (capability === "long_context") return contextWindow >= LONG_CONTEXT;
      return !LACKING[capability].test(id);
    }),
    tier: firstMatch(TIER_OVERRIDES, id) ?? tierByPrice(prices),
    retiredAt,
    successor,
    prices,
  };
}

/** The data calls some families by their moving name, which no longer answers. */
function idOf(model: SourceModel): string {
  return model.id.replace(/-latest$/, "");
}

/** The other names, without those that only add a version to one of the rest. */
function aliasesOf(model: SourceModel, id: string): string[] {
  const names = [...new Set([model.id, ...spelledNames(model.match)])].filter(
    (name) => name !== id && !NO_ALIAS.test(name),
  );
  const known = new Set([id, ...names]);
  return names.filter((name) => !namesOf(model.provider, name).some((bare) => bare !== name && known.has(bare))).sort();
}

/** By the newest price: a launch discount does not make a model small. */
function tierByPrice(prices: readonly Price[]): Tier {
  const output = prices.at(-1)?.output ?? 0;
  if (output <= SMALL_UP_TO) return "small";
  return output <= MEDIUM_UP_TO ? "medium" : "large";
}

function withPublished(id: string, prices: Price[]): Price[] {
  const published = PUBLISHED[id];
  if (!published) return prices;
  return prices.map(({ tiers: _, ...price }) => ({
    ...price,
    input: microUsd(published[0]),
    output: microUsd(published[1]),
  }));
}

function firstMatch<T>(table: readonly (readonly [RegExp, T])[], id: string): T | undefined {
  return table.find(([pattern]) => pattern.test(id))?.[1];
}

/** Models that stay before those that go, those that go last first, then newer numbers first. */
function inOrder(a: CatalogueModel, b: CatalogueModel): number {
  const never = "9999-12-31";
  const [goesA, goesB] = [a.retiredAt ?? never, b.retiredAt ?? never];
  return (
    CATALOGUE_PROVIDERS.indexOf(a.provider) - CATALOGUE_PROVIDERS.indexOf(b.provider) ||
    (goesA === goesB ? 0 : goesA > goesB ? -1 : 1) ||
    b.id.localeCompare(a.id, "en", { numeric: true })
  );
}

function assertNamesOnce(catalogue: readonly CatalogueModel[]): void {
  const owners = new Map<string, string>();
  for (const model of catalogue) {
    for (const name of [model.id, ...model.aliases]) {
      const owner = owners.get(`${model.provider} ${name}`);
      if (owner) throw new Error(`${name} names both ${owner} and ${model.id}`);
      owners.set(`${model.provider} ${name}`, model.id);
    }
  }
}

/** A reviewed entry without a model is a slip of the pen, or the data has renamed the model. */
function assertReviewedExist(catalogue: readonly CatalogueModel[]): void {
  const ids = new Set(catalogue.map((model) => model.id));
  const named = [
    ...Object.keys(PUBLISHED),
    ...Object.entries(RETIREMENTS).flatMap(([id, [, successor]]) => [id, successor]),
  ];
  const missing = named.filter((id) => !ids.has(id));
  if (missing.length > 0) throw new Error(`reviewed, but not in the catalogue: ${missing.join(", ")}`);
}
