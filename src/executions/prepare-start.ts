import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import { type Definition, type Graph, graphOf } from "../definitions/index.ts";
import { findVersion, type Loss } from "../versions/index.ts";
import { getWorkflow } from "../workflows/index.ts";
import { assertProviders, assertRunnable } from "./assert-runnable.ts";
import type { Engine } from "./engine.ts";
import type { Pin } from "./pin.ts";
import { type LoadedDefinition, loadDefinition } from "./store/definition-cache.ts";
import { firstRow } from "./store/rows.ts";

/** What is to be started. */
export interface StartOf {
  workflowId: string;
  /** A version's id, number or tag. Left out: the draft. */
  version?: string | number | undefined;
  /** Made beforehand: a shared tag is drawn by it, and whoever admits a call names it before it is there. */
  executionId: string;
  /** What the trigger's own query found `version` to mean: the workflow is not read again then. */
  pin?: Pin | undefined;
}

/** An execution that can be started: its version is known, can run, and has a key for each provider. */
export interface Prepared {
  workflowId: string;
  executionId: string;
  versionId: string;
  contentHash: string;
  definition: Definition;
  graph: Graph;
  /** The draft is in no version yet: one with this id is made. */
  uncommitted: boolean;
  /** Whether the version is known to have been executed before. */
  executed: boolean;
}

/** Definitions that were found to have no fault. They never change, and going over a large one takes milliseconds. */
const runnable = new WeakSet<Definition>();

/**
 * Finds out what an execution would run, and whether it can. Writes nothing. Throws `workflow_not_found`,
 * `version_not_found`, `workflow_invalid`, `provider_not_configured` and `credential_unusable`.
 */
export async function prepareStart(ctx: Ctx, engine: Engine, start: StartOf): Promise<Prepared> {
  const { losses, ...prepared } = (await preparePinned(ctx, start)) ?? (await prepareWhole(ctx, start));
  const { definition } = prepared;
  if (!runnable.has(definition)) {
    assertRunnable({ definition, losses });
    runnable.add(definition);
  }
  await assertProviders(engine, ctx.workspaceId, definition);
  return prepared;
}

type Unchecked = Prepared & { losses: Loss[] };

/** The version that the trigger found, from this isolate's memory where it is; `undefined` when the slow way is needed. */
async function preparePinned(ctx: Ctx, { workflowId, executionId, pin }: StartOf): Promise<Unchecked | undefined> {
  const loaded = pin && (await loadPinned(ctx, pin.contentHash));
  if (!pin || !loaded) return undefined;
  const { definition, graph } = loaded;
  return { workflowId, executionId, ...pin, definition, graph, uncommitted: false, losses: [] };
}

const snapshotSchema = z.object({ hash: z.string(), encoding: z.enum(["json", "gzip"]), content: z.string() });

async function loadPinned({ db, workspaceId }: Ctx, hash: string): Promise<LoadedDefinition | undefined> {
  const known = await loadDefinition(workspaceId, { hash, encoding: null, content: null });
  if (known) return known;
  const row = await db.d1
    .prepare("SELECT hash, encoding, content FROM snapshots WHERE workspace_id = ?1 AND hash = ?2")
    .bind(workspaceId, hash)
    .run();
  const snapshot = firstRow(snapshotSchema, row);
  if (!snapshot) return undefined;
  try {
    return await loadDefinition(workspaceId, snapshot);
  } catch (error) {
    // Stored when the schema was another one. The slow way reads it with its losses, and refuses with each of them.
    if (error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** What to run, read whole: the version asked for, or the draft. */
async function prepareWhole(ctx: Ctx, { workflowId, version, executionId }: StartOf): Promise<Unchecked> {
  const { definition, losses, draftHash, headHash, view } = await getWorkflow(ctx, workflowId);
  if (version !== undefined) {
    const found = await findVersion(ctx, workflowId, version, executionId);
    return {
      workflowId,
      executionId,
      versionId: found.id,
      contentHash: found.contentHash,
      definition: found.definition,
      graph: graphOf(found.definition),
      losses: found.losses,
      uncommitted: false,
      executed: false,
    };
  }
  const committed = headHash === draftHash ? view.headVersion : null;
  return {
    workflowId,
    executionId,
    versionId: committed?.id ?? ctx.ids.next(),
    contentHash: draftHash,
    definition,
    graph: graphOf(definition),
    losses,
    uncommitted: committed === null,
    executed: false,
  };
}
