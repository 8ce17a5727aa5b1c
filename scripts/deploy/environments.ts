import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Unstable_Config, unstable_readConfig } from "wrangler";
import { ROOT, WRANGLER_CONFIG } from "../local/paths.ts";

export const ENVIRONMENTS = ["production", "staging"] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/** The dashboard's project stands in a folder of its own, where wrangler finds its configuration. */
export const PAGES_ROOT = join(ROOT, "web");
const PAGES_ENVIRONMENT = { production: "production", staging: "preview" } as const;
const PAGES_BRANCH = { production: "main", staging: "staging" } as const;

/** One environment as wrangler reads it, with the part of the Pages project that belongs to it. */
export interface Environment {
  name: EnvironmentName;
  worker: Unstable_Config;
  pages: {
    project: string;
    branch: string;
    /** Which of the project's two environments that branch is to go to. */
    environment: "production" | "preview";
    compatibilityDate: string;
    services: readonly PagesService[];
  };
}

export interface PagesService {
  binding: string;
  service: string;
}

/** Reads what wrangler.toml and web/wrangler.toml say of an environment. Throws wrangler's own words for a faulty file. */
export function readEnvironment(name: EnvironmentName): Environment {
  const config = join(PAGES_ROOT, "wrangler.toml");
  // Read twice, because wrangler adds an environment to the name, which for Pages is the project's in both.
  const project = unstable_readConfig({ config }, { hideWarnings: true });
  const pages = unstable_readConfig({ config, env: PAGES_ENVIRONMENT[name] }, { hideWarnings: true });
  return {
    name,
    worker: unstable_readConfig({ config: WRANGLER_CONFIG, env: name }, { hideWarnings: true }),
    pages: {
      project: project.name ?? "",
      branch: PAGES_BRANCH[name],
      environment: PAGES_ENVIRONMENT[name],
      compatibilityDate: pages.compatibility_date ?? "",
      services: pages.services ?? [],
    },
  };
}

/** What runs here and in tests: wrangler.toml without an environment. */
export function readLocalConfig(): Unstable_Config {
  return unstable_readConfig({ config: WRANGLER_CONFIG }, { hideWarnings: true });
}

/** The bindings that src/env.ts declares, each with its type: `DB: D1Database` is `["DB", "D1Database"]`. */
export function declaredBindings(): ReadonlyMap<string, string> {
  const source = readFileSync(join(ROOT, "src", "env.ts"), "utf8");
  const body = /export interface Env \{([^}]*)\}/.exec(source)?.[1];
  if (body === undefined)
    throw new Error("src/env.ts has no `export interface Env`, which the deployment is checked by.");
  return new Map(Array.from(body.matchAll(/^\s*([A-Z_]+): (\w+)/gm), ([, name = "", type = ""]) => [name, type]));
}
