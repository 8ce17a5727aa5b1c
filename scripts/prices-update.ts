import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { CatalogueModel } from "../src/costs/catalogue-model.ts";
import { buildCatalogue } from "./prices-update/build.ts";
import { changesBetween } from "./prices-update/changes.ts";
import { render } from "./prices-update/render.ts";
import { readSource } from "./prices-update/source.ts";

/**
 * `npm run prices:update`: writes the model catalogue anew from the installed @pydantic/genai-prices and the reviewed
 * tables beside it, and prints what that changes. It downloads nothing: install a newer version of the package first.
 * Another catalogue can be named instead of the one of this repository.
 */
const path = resolve(process.argv[2] ?? join(import.meta.dirname, "../src/costs/catalogue.generated.ts"));
const { CATALOGUE: before }: { CATALOGUE: readonly CatalogueModel[] } = await import(pathToFileURL(path).href);
const { catalogue, leftOut } = buildCatalogue(readSource());
const changes = changesBetween(before, catalogue);
const text = render(catalogue);
const isSame = readFileSync(path, "utf8") === text;
if (!isSame) writeFileSync(path, text);

console.log(changes.length === 0 ? "no model changed" : changes.join("\n"));
console.log(`\nleft out, as no chat models of today: ${leftOut.join(", ")}`);
console.log(`\n${catalogue.length} models, ${isSame ? "file unchanged" : `written to ${path}: review it`}`);
