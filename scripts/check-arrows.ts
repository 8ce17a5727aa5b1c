import { globSync } from "node:fs";
import { join } from "node:path";
import { importsOf } from "./arrows/imports-of.ts";

/**
 * Checks that code only imports along the arrows of the design: a folder may import what stands behind it here,
 * and of another feature only its door (`index.ts`) or its tables (`schema.ts`). Rules may name another feature's types along
 * the same arrows, since those leave no trace when they run. Exits 1 with every breach.
 * Checks the sources of this repository, or those in the folder that is given.
 */
const ARROWS: Record<string, readonly string[]> = {
  core: [],
  db: ["core"],
  http: ["core", "db", "auth"],
  auth: ["core", "db"],
  events: ["core", "db"],
  costs: ["core", "db", "events"],
  knowledge: ["core", "db"],
  definitions: ["core"],
  providers: ["core", "db", "costs"],
  versions: ["core", "db", "definitions"],
  workflows: ["core", "db", "definitions", "versions", "providers"],
  executions: ["core", "db", "definitions", "workflows", "versions", "providers", "costs", "knowledge", "events"],
  schedules: ["core", "db", "definitions", "executions", "events"],
  webhooks: ["core", "db", "definitions", "executions", "events"],
  transfer: [
    "core",
    "db",
    "events",
    "schedules",
    "webhooks",
    "executions",
    "knowledge",
    "workflows",
    "versions",
    "definitions",
  ],
};

/** Modules at the root of src, and what of ours each may import. */
const ROOTS: Record<string, RegExp> = {
  "index.ts": /^(api|env)\.ts$|^[a-z]+\/index\.ts$|^(core|db)\/|\/[a-z-]+-(feed|gate|breaker|handler)\.ts$/,
  "api.ts": /^[a-z]+\/([a-z-]+-)?routes\.ts$|^(http|core)\//,
  // The table of roles and the reading of cron are pure, and the events are types: none brings the server into the dashboard.
  "api.client.ts": /^api\.ts$|^auth\/roles\.ts$|^executions\/live-events\.ts$|^schedules\/rules\/cron-fault\.ts$/,
  "env.ts": /^[a-z]+\/[a-z-]+\.ts$/,
};

const root = process.argv[2] ?? join(import.meta.dirname, "..", "src");
const breaches: string[] = [];

for (const file of globSync("**/*.ts", { cwd: root })) {
  for (const { target, typesOnly } of importsOf(root, file)) {
    const reason = breachOf(file, target, typesOnly);
    if (reason) breaches.push(`src/${file} imports src/${target}: ${reason}`);
  }
}

if (breaches.length > 0) {
  process.stderr.write(`${breaches.join("\n")}\n${breaches.length} imports against the arrows of the design\n`);
  process.exit(1);
}
process.stdout.write("imports follow the arrows of the design\n");

function breachOf(file: string, target: string, typesOnly: boolean): string | undefined {
  const own = ROOTS[file];
  if (own) return own.test(target) ? undefined : "the root composes and holds no logic";
  if (target === "../package.json")
    return file === "core/version.ts" ? undefined : "only core/version.ts reads the manifest";

  const from = folderOf(file);
  const to = folderOf(target);
  const isRoute = file.endsWith("routes.ts");
  if (target === "env.ts")
    return from === "http" || isRoute || isEdge(file) ? undefined : "only the edge of the system knows the bindings";
  if (file.includes("/rules/") && to !== "core" && to !== from && !typesOnly) {
    return "rules know core, their own feature and types only";
  }
  if (from === to)
    return file.endsWith("/index.ts") && target.endsWith("routes.ts") ? "a door shows no routes" : undefined;
  if (to === "http") return isRoute ? undefined : "only routes know HTTP";
  if (!ARROWS[from]?.includes(to)) return `${from} does not stand on ${to}`;
  const throughDoor = to === "core" || to === "db" || target.endsWith("/index.ts") || target.endsWith("/schema.ts");
  return throughDoor ? undefined : "another feature is entered by its index.ts";
}

function folderOf(path: string): string {
  return path.split("/")[0] ?? "";
}

/** Where the platform enters: Durable Object classes, and the handlers of queue and cron. */
function isEdge(file: string): boolean {
  return /-(feed|gate|breaker|handler)\.ts$/.test(file);
}
