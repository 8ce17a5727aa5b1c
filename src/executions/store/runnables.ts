import { z } from "zod";
import type { Definition } from "../../definitions/index.ts";
import type { Snapshot } from "../../versions/index.ts";
import { validateWorkflow } from "../../workflows/index.ts";
import type { Engine } from "../engine.ts";
import { DEFAULT_TIMEOUT_SECONDS } from "../limits.ts";
import { type PlannedStep, planSteps } from "../rules/plan-steps.ts";
import { type LoadedDefinition, loadDefinition } from "./definition-cache.ts";
import { allRows } from "./rows.ts";

/** A definition as starting needs it. */
export interface Runnable {
  /** Why it cannot run, for a person; `null` when it can. */
  fault: string | null;
  steps: readonly PlannedStep[];
  stepsJson: string;
  /** The nodes that begin. */
  firstNodes: readonly string[];
  providers: ReadonlySet<string>;
  inputSchema: Definition["settings"]["inputSchema"];
  maxParallel: number | null;
  timeoutMs: number;
}

/** Contents that are read into memory together, in characters: an isolate has 128 MB for everything. */
const READ_AT_ONCE = 4_000_000;

const NOT_UNDERSTOOD =
  "The definition was stored by another version of Swarm and is not understood whole. Open the workflow, mend what validate names and save it.";

/** Derived from definitions, which never change. Goes when their cache lets them go. */
const known = new WeakMap<Definition, Runnable>();

export interface ContentRef {
  workspaceId: string;
  hash: string;
}

export function keyOfContent(workspaceId: string, hash: string): string {
  return `${workspaceId}/${hash}`;
}

/**
 * The definitions of these contents by {@link keyOfContent}, from memory or read by the dozen. One that is gone is left out.
 */
export async function runnablesOf(
  engine: Pick<Engine, "db">,
  contents: readonly ContentRef[],
): Promise<Map<string, Runnable>> {
  const found = new Map<string, Runnable>();
  const missing = new Map<string, ContentRef>();
  for (const content of contents) {
    const key = keyOfContent(content.workspaceId, content.hash);
    if (found.has(key) || missing.has(key)) continue;
    const cached = await loadDefinition(content.workspaceId, { hash: content.hash, encoding: null, content: null });
    if (cached) found.set(key, runnableOf(cached));
    else missing.set(key, content);
  }
  while (missing.size > 0) {
    const rows = await readSome(engine, [...missing.values()]);
    if (rows.length === 0) return found;
    for (const row of rows) {
      const key = keyOfContent(row.workspace_id, row.hash);
      missing.delete(key);
      found.set(key, await readRunnable(row.workspace_id, row));
    }
  }
  return found;
}

const rowSchema = z.object({
  workspace_id: z.string(),
  hash: z.string(),
  encoding: z.enum(["json", "gzip"]),
  content: z.string(),
});

/** The first of these snapshots, as many as may be in memory together: one at least, where it exists. */
async function readSome({ db }: Pick<Engine, "db">, wanted: readonly ContentRef[]) {
  const result = await db.d1
    .prepare(
      `WITH sized AS (
         SELECT s.workspace_id, s.hash, sum(octet_length(s.content)) OVER (ORDER BY wanted.key) AS total,
           row_number() OVER (ORDER BY wanted.key) AS place
         FROM json_each(?1) AS wanted
         CROSS JOIN snapshots s ON s.workspace_id = wanted.value ->> 'workspaceId' AND s.hash = wanted.value ->> 'hash'
       )
       SELECT s.workspace_id, s.hash, s.encoding, s.content
       FROM sized CROSS JOIN snapshots s ON s.workspace_id = sized.workspace_id AND s.hash = sized.hash
       WHERE sized.total <= ?2 OR sized.place = 1`,
    )
    .bind(JSON.stringify(wanted), READ_AT_ONCE)
    .run();
  return allRows(rowSchema, result);
}

async function readRunnable(workspaceId: string, snapshot: Snapshot): Promise<Runnable> {
  try {
    const loaded = await loadDefinition(workspaceId, snapshot);
    if (!loaded) throw new Error(`snapshot ${snapshot.hash} was read without its content`);
    return runnableOf(loaded);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return { ...NOTHING, fault: NOT_UNDERSTOOD };
  }
}

const NOTHING = {
  steps: [],
  stepsJson: "[]",
  firstNodes: [],
  providers: new Set<string>(),
  inputSchema: undefined,
  maxParallel: null,
  timeoutMs: 0,
};

function runnableOf({ definition, graph }: LoadedDefinition): Runnable {
  const remembered = known.get(definition);
  if (remembered) return remembered;
  const [fault, ...others] = validateWorkflow(definition).errors;
  const { settings } = definition;
  const steps = fault ? [] : planSteps(graph);
  const runnable: Runnable = {
    fault: fault
      ? `The workflow cannot run as it is: ${fault.path} ${fault.message}${others.length > 0 ? `, and ${others.length} more` : ""}. Mend what validate names.`
      : null,
    steps,
    stepsJson: JSON.stringify(steps),
    firstNodes: steps.filter((step) => step.status === "ready").map((step) => step.nodeId),
    providers: new Set(definition.agents.map((agent) => agent.provider)),
    inputSchema: settings.inputSchema,
    maxParallel: settings.maxParallel ?? null,
    timeoutMs: (settings.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1_000,
  };
  known.set(definition, runnable);
  return runnable;
}
