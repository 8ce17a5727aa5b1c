import type { CatalogueModel } from "../../src/costs/catalogue-model.ts";

/** The generated file's text: one line a model, so that a review shows what changed and nothing else. */
export function render(catalogue: readonly CatalogueModel[]): string {
  return [
    "// Written by `npm run prices:update`: run it again rather than editing this.",
    'import type { CatalogueModel } from "./catalogue-model.ts";',
    "",
    "/** Every known model with its prices in micro-USD per million tokens. */",
    "export const CATALOGUE: readonly CatalogueModel[] = [",
    ...catalogue.map((model) => `  ${JSON.stringify(model)},`),
    "];",
    "",
  ].join("\n");
}
