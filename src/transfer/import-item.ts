import { z } from "zod";
import { DomainError, errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { isOverloaded, isTransient, retryTransient, violatesCheck, violatesUnique } from "../db/transient.ts";
import { type DraftFeed, tellDrafts } from "../workflows/index.ts";
import { type DoneItem, noteItem } from "./import-items.ts";
import { knowledgeNotes, knowledgeStatements } from "./import-knowledge.ts";
import { planImport } from "./import-plan.ts";
import type { ImportPorts } from "./import-ports.ts";
import { type Conflict, type ImportResult, type Note, overwrittenBy } from "./import-results.ts";
import type { ImportBundle } from "./import-schema.ts";
import { draftWarnings, importedWorkflow, insertWorkflow, type WorkflowHere } from "./imported-workflow.ts";
import { overwriteNotes, overwriteWorkflow } from "./overwrite-workflow.ts";
import { SEND_GRACE_MS } from "./queue-import.ts";
import { stageWorkflow } from "./stage-workflow.ts";

/** Of a workflow's JSON, in UTF-16 units: more than this is gathered out of sight before it is made visible. */
const ONE_BATCH = 1_000_000;
/** Each lost race means that somebody else's write went through, so that a few tries always suffice. */
const MAX_TRIES = 10;
/** A fault of which nothing is known may pass, or be this workflow's own: then the others must not wait for it. */
const MAX_FAULTS = 3;

export interface ItemPorts extends ImportPorts {
  /** The live feed of a workspace. */
  feed(workspaceId: string): DraftFeed;
}

export interface ItemOfImport {
  importId: string;
  position: number;
  bundle: ImportBundle;
  /** Length of its JSON. */
  bytes: number;
  notes: readonly Note[];
  conflict: Conflict;
  dryRun: boolean;
  workflowHere: WorkflowHere;
  /** The workflows that earlier parts of the file have become. */
  broughtIds: ReadonlySet<string>;
}

/**
 * Imports one workflow of a large file, all of it or nothing, and notes what became of it in the same batch. What
 * cannot be written, however often it is tried, is noted as failed, and keeps the others from nothing. Does nothing when
 * it is done already. Answers the id of the workflow that it has become, if any.
 */
export async function importItem(ctx: Ctx, ports: ItemPorts, item: ItemOfImport): Promise<string | null> {
  const { importId, position } = item;
  for (let faults = 1; ; faults += 1) {
    try {
      return await importOrRefuse(ctx, ports, item);
    } catch (error) {
      if (violatesUnique(error, "import_items")) return workflowOf(ctx, item);
      // These pass: the message comes again, and finds what is done.
      if (isTransient(error) || isOverloaded(error)) throw error;
      ctx.log.log("error", "Transfer", `a workflow could not be imported: ${errorText(error)}`, { importId, position });
      if (error instanceof DomainError) return noteFailure(ctx, item, error.message);
      if (faults === MAX_FAULTS) return noteFailure(ctx, item, "it could not be written. The log has the cause");
    }
  }
}

async function importOrRefuse(ctx: Ctx, ports: ItemPorts, item: ItemOfImport): Promise<string | null> {
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const done = await tryItem(ctx, ports, item);
    if (!done) continue;
    const { result, workflowId } = done;
    await tellDrafts(ctx, ports.feed(ctx.workspaceId), overwrittenBy({ results: [result], dryRun: item.dryRun }));
    return workflowId;
  }
  return noteFailure(ctx, item, "its name kept being taken by others: import it once that is over");
}

const doneSchema = z.object({ workflow_id: z.string().nullable() });

/** What another delivery, or a try whose answer was lost, has made of it: what follows in the file may name that. */
async function workflowOf(ctx: Ctx, { importId, position }: ItemOfImport): Promise<string | null> {
  const { results } = await ctx.db.d1
    .prepare("SELECT workflow_id FROM import_items WHERE workspace_id = ?1 AND import_id = ?2 AND position = ?3")
    .bind(ctx.workspaceId, importId, position)
    .run();
  return z.array(doneSchema).parse(results)[0]?.workflow_id ?? null;
}

/** Nothing when somebody else took the name, or saved the workflow: to be decided again. */
async function tryItem(ctx: Ctx, ports: ImportPorts, item: ItemOfImport): Promise<DoneItem | undefined> {
  const { done, statements } = await prepareItem(ctx, ports, item);
  try {
    await retryTransient(() =>
      ctx.db.d1.batch([...statements, ...noteItem(ctx, item.importId, done, ctx.clock.now() + SEND_GRACE_MS)]),
    );
    return done;
  } catch (error) {
    if (violatesCheck(error, "revision_is_current")) return undefined;
    throw error;
  }
}

async function prepareItem(ctx: Ctx, ports: ImportPorts, item: ItemOfImport) {
  const { bundle } = item;
  const [planned] = await planImport(ctx, [bundle.workflow.name], item.conflict, item.broughtIds);
  if (!planned) throw new Error("a name has a plan");
  const done = (workflowId: string | null, warnings: readonly Note[], waiting: DoneItem["waiting"] = []): DoneItem => ({
    position: item.position,
    sourceId: bundle.workflow.id ?? null,
    workflowId,
    result: {
      ...{ name: planned.name, action: planned.action, workflowId, errors: [] },
      warnings: [...item.notes, ...planned.warnings, ...warnings],
    },
    waiting,
  });
  if (planned.action === "skipped") return { done: done(planned.existing.id, []), statements: [] };
  const notes = await knowledgeNotes(ctx, bundle);
  const knowledge = item.dryRun ? [] : await knowledgeStatements(ctx, bundle);
  if (planned.action === "overwritten") {
    const warnings = [...draftWarnings(bundle), ...overwriteNotes(bundle, planned.existing), ...notes];
    const statements = item.dryRun ? [] : await overwriteWorkflow(ctx, bundle, planned.existing);
    return { done: done(planned.existing.id, warnings), statements: [...statements, ...knowledge] };
  }
  const workflowId = ctx.ids.next();
  const imported = await importedWorkflow(ctx, ports, bundle, { workflowId, workflowHere: item.workflowHere });
  const warnings = [...imported.warnings, ...notes];
  if (item.dryRun) return { done: done(null, warnings), statements: [] };
  const statements =
    item.bytes <= ONE_BATCH
      ? insertWorkflow(ctx, imported, { name: planned.name, workspaceId: ctx.workspaceId })
      : (await stageWorkflow(ctx, imported, planned.name))(planned.name);
  return { done: done(workflowId, warnings, imported.triggers.waiting), statements: [...statements, ...knowledge] };
}

async function noteFailure(ctx: Ctx, item: ItemOfImport, message: string): Promise<null> {
  const { name } = item.bundle.workflow;
  const result: ImportResult = {
    ...{ name, action: "failed", workflowId: null, warnings: [] },
    errors: [{ path: "", message }],
  };
  const sourceId = item.bundle.workflow.id ?? null;
  const done = { position: item.position, sourceId, workflowId: null, result, waiting: [] };
  try {
    await ctx.db.d1.batch(noteItem(ctx, item.importId, done, ctx.clock.now() + SEND_GRACE_MS));
  } catch (error) {
    if (!violatesUnique(error, "import_items")) throw error;
  }
  return null;
}
