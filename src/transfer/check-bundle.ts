import { DomainError, type ErrorDetail } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { assertDefinitionSize } from "../definitions/index.ts";
import type { ImportPorts } from "./import-ports.ts";
import { type ImportBundle, importBundleSchema } from "./import-schema.ts";
import { triggerFaults } from "./import-triggers.ts";
import { BUNDLE_VERSION } from "./rules/bundle-version.ts";
import { upgradeBundle } from "./rules/upgrade.ts";

/** More faults than anybody mends by hand: the rest shows once these are gone. */
export const MAX_FAULTS = 200;

/** A bundle without a fault, or all of its faults with their paths. */
export type Checked =
  | { ok: true; bundle: ImportBundle; warnings: ErrorDetail[] }
  | { ok: false; faults: ErrorDetail[] };

/**
 * Checks one parsed bundle whole, after bringing an older format to today's. Writes nothing. Throws `import_too_new`
 * for a format that this build does not read.
 */
export async function checkBundle(ctx: Ctx, ports: ImportPorts, parsed: unknown): Promise<Checked> {
  const upgraded = upgradeBundle(parsed);
  if (!upgraded.ok) {
    throw new DomainError(
      "import_too_new",
      `This file needs a Swarm that reads the export format ${upgraded.needs}. This one reads up to ${BUNDLE_VERSION}: update it, or export in its format.`,
      { details: [{ path: "version", message: `${upgraded.needs} is newer than ${BUNDLE_VERSION}` }] },
    );
  }
  const result = importBundleSchema.safeParse(upgraded.bundle);
  if (!result.success) return { ok: false, faults: result.error.issues.flatMap(faultsOf).slice(0, MAX_FAULTS) };
  const faults = await triggerFaults(ctx, ports, result.data);
  const { nodes, edges, settings } = result.data.workflow;
  const definitions = [
    { path: "workflow", definition: { nodes, edges, agents: result.data.agents, settings } },
    ...result.data.versions.map((version, place) => ({ path: `versions[${place}]`, definition: version.workflowData })),
  ];
  for (const { path, definition } of definitions) {
    try {
      assertDefinitionSize(definition);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      faults.push({ path, message: error.message });
    }
  }
  if (faults.length > 0) return { ok: false, faults: faults.slice(0, MAX_FAULTS) };
  return { ok: true, bundle: result.data, warnings: upgraded.warnings };
}

type Issue = { path: readonly PropertyKey[]; message: string; code: string; keys?: readonly string[] };

function faultsOf(issue: Issue): ErrorDetail[] {
  if (issue.code === "unrecognized_keys" && issue.keys) {
    return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: "unknown field" }));
  }
  return [{ path: pathText(issue.path), message: issue.message }];
}

/** `["agents", 2, "name"]` -> `agents[2].name`, as everywhere in the API. */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}
