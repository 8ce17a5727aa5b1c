import { globSync } from "node:fs";
import { join } from "node:path";
import { importsOf } from "./arrows/imports-of.ts";

/**
 * Checks that the dashboard's code only imports along the arrows of the design: app stands on features, those on api and
 * ui, all on lib, and of the Worker's sources the typed client alone is known. A feature uses another one by its door
 * (`index.ts`); the app also knows its search parameters (`search.ts`), and loads its pages (`...-page.tsx`) when they
 * are opened, because a page that is imported would be part of the first load. Exits 1 with every breach. Checks the
 * sources of this repository, or those in the folder that is given.
 */
const ARROWS: Record<string, readonly string[]> = {
  app: ["features", "api", "ui", "lib"],
  features: ["features", "api", "ui", "lib"],
  ui: ["api", "lib"],
  api: ["lib"],
  lib: [],
  docs: [],
};

const CLIENT = "../../src/api.client.ts";

const root = process.argv[2] ?? join(import.meta.dirname, "..", "web", "src");
const breaches: string[] = [];

for (const file of globSync("**/*.{ts,tsx}", { cwd: root })) {
  for (const { target, dynamic } of importsOf(root, file)) {
    const reason = breachOf(file, target, dynamic);
    if (reason) breaches.push(`web/src/${file} imports ${join("web/src", target)}: ${reason}`);
  }
}

if (breaches.length > 0) {
  process.stderr.write(`${breaches.join("\n")}\n${breaches.length} imports against the arrows of the dashboard\n`);
  process.exit(1);
}
process.stdout.write("the dashboard's imports follow the arrows of the design\n");

function breachOf(file: string, target: string, dynamic: boolean): string | undefined {
  const [from = "", feature] = file.split("/");
  const [to = "", targetFeature] = target.split("/");
  if (target.startsWith("..")) {
    return from === "api" && target === CLIENT ? undefined : "only api knows the Worker, by its typed client";
  }
  const isPage = target.endsWith("-page.tsx");
  if (isPage && !dynamic) return "a page is loaded when it is opened: import() it in app/routes.tsx";
  if (from === to && (from !== "features" || feature === targetFeature)) return undefined;
  if (!ARROWS[from]?.includes(to)) return `${from} does not stand on ${to}`;
  if (to !== "features") return undefined;
  if (target === `features/${targetFeature}/index.ts`) return undefined;
  if (from === "app" && (isPage || target === `features/${targetFeature}/search.ts`)) return undefined;
  return "a feature is entered by its index.ts";
}
