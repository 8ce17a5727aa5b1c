import type { CatalogueModel } from "../../src/costs/catalogue-model.ts";

const FIELDS = [
  "prices",
  "retiredAt",
  "successor",
  "tier",
  "capabilities",
  "contextWindow",
  "maxOutputTokens",
  "aliases",
] as const satisfies readonly (keyof CatalogueModel)[];

/** What a person should look at before committing: models that came or went, and what changed about the others. */
export function changesBetween(before: readonly CatalogueModel[], after: readonly CatalogueModel[]): string[] {
  const old = new Map(before.map((model) => [nameOf(model), model]));
  const kept = new Set(after.map(nameOf));
  return [
    ...after.filter((model) => !old.has(nameOf(model))).map((model) => `added    ${nameOf(model)}`),
    ...before.filter((model) => !kept.has(nameOf(model))).map((model) => `removed  ${nameOf(model)}`),
    ...after.flatMap((model) => differences(old.get(nameOf(model)), model)),
  ];
}

function differences(before: CatalogueModel | undefined, after: CatalogueModel): string[] {
  if (!before) return [];
  const lines: string[] = [];
  for (const field of FIELDS) {
    const [was, is] = [JSON.stringify(before[field]), JSON.stringify(after[field])];
    if (was !== is) lines.push(`changed  ${nameOf(after)} ${field}\n         ${was}\n      -> ${is}`);
  }
  return lines;
}

function nameOf(model: CatalogueModel): string {
  return `${model.provider}/${model.id}`;
}
