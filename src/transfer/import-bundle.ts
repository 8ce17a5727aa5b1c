import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { type IdempotencyKey, isKeyTaken, keepAnswer, storedAnswer } from "../db/idempotency.ts";
import { retryTransient, violatesCheck } from "../db/transient.ts";
import { knowledgeNotes, knowledgeStatements } from "./import-knowledge.ts";
import { type Planned, planImport } from "./import-plan.ts";
import type { ImportPorts } from "./import-ports.ts";
import { resolveWaiting, workflowsHere } from "./import-references.ts";
import {
  type Conflict,
  type Imported,
  type ImportResult,
  importedSchema,
  type Note,
  summaryOf,
} from "./import-results.ts";
import type { ImportBundle } from "./import-schema.ts";
import {
  type Arrival,
  draftWarnings,
  type ImportedWorkflow,
  importedWorkflow,
  insertWorkflow,
} from "./imported-workflow.ts";
import { overwriteNotes, overwriteWorkflow } from "./overwrite-workflow.ts";

export interface ImportOptions {
  conflict: Conflict;
  /** Says what would be done, and does nothing. */
  dryRun?: boolean | undefined;
  idempotencyKey?: IdempotencyKey | undefined;
  /** Of each bundle, in their order, what is to be told besides. */
  notes?: readonly (readonly Note[])[] | undefined;
  /** What the first version of a bundle without any is called. */
  firstMessage?: string | undefined;
}

/** Each lost race means that somebody else's write went through, so that a few tries always suffice. */
const MAX_TRIES = 10;

/**
 * Imports workflows that were found to be without a fault (`checkBundle`), all of them in one batch or none. Rows get
 * ids of their own; node, edge and agent ids stay; schedules arrive paused and webhooks with new secrets.
 * Throws `draft_conflict` when names keep being taken, and `idempotency_conflict`.
 */
export async function importBundle(
  ctx: Ctx,
  ports: ImportPorts,
  bundles: readonly ImportBundle[],
  options: ImportOptions,
): Promise<Imported> {
  const { idempotencyKey: key } = options;
  const known = key && (await storedAnswer(ctx, key));
  if (known !== undefined) return importedSchema.parse(known);

  const ids = bundles.map(() => ctx.ids.next());
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const plan = await planImport(
      ctx,
      bundles.map(({ workflow }) => workflow.name),
      options.conflict,
    );
    const prepared = await prepare(ctx, ports, {
      ...{ bundles, ids, plan, notes: options.notes ?? [] },
      firstMessage: options.firstMessage,
    });
    const results = prepared.map(({ result }) => (options.dryRun === true ? withoutNewIds(result) : result));
    const answer = { results, summary: summaryOf(results), dryRun: options.dryRun === true };
    if (options.dryRun === true) return answer;
    const keep = key === undefined ? [] : keepAnswer(ctx, key, answer);
    const statements = [
      ...prepared.flatMap((each) => each.statements),
      ...prepared.flatMap((each) => each.last),
      ...keep,
    ];
    if (statements.length === 0) return answer;
    try {
      await retryTransient(() => ctx.db.d1.batch(statements));
      return answer;
    } catch (error) {
      if (key !== undefined && isKeyTaken(error)) return importedSchema.parse(await storedAnswer(ctx, key));
      if (!violatesCheck(error, "revision_is_current")) throw error;
    }
  }
  throw new DomainError(
    "draft_conflict",
    "These workflows are being changed again and again. Import once that is over.",
  );
}

/**
 * Writes one workflow as a new one, whatever others are called, and answers its id. For clones and templates: their
 * bundles are made here, so that no conflict is to be decided. With a key that was used before: the id of then.
 */
export async function writeImportedWorkflow(
  ctx: Ctx,
  ports: ImportPorts,
  bundle: ImportBundle,
  options: { firstMessage: string; idempotencyKey: IdempotencyKey | undefined },
): Promise<ImportResult & { workflowId: string }> {
  const { results } = await importBundle(ctx, ports, [bundle], { conflict: "rename", ...options });
  const [result] = results;
  if (!result?.workflowId) throw new Error("an import that renames writes its workflow");
  return { ...result, workflowId: result.workflowId };
}

interface Prepared {
  result: ImportResult;
  statements: D1PreparedStatement[];
  /** What names other workflows of the file, once all are there. */
  last: D1PreparedStatement[];
}

interface Whole {
  bundles: readonly ImportBundle[];
  ids: readonly string[];
  plan: readonly Planned[];
  notes: readonly (readonly Note[])[];
  firstMessage: string | undefined;
}

async function prepare(
  ctx: Ctx,
  ports: ImportPorts,
  { bundles, ids, plan, notes, firstMessage }: Whole,
): Promise<Prepared[]> {
  const here = await workflowsHere(ctx, bundles);
  bundles.forEach(({ workflow }, place) => {
    const planned = plan[place];
    const id = planned && "existing" in planned ? planned.existing.id : ids[place];
    if (workflow.id !== undefined && id !== undefined) here.set(workflow.id, id);
  });
  const prepared: Prepared[] = [];
  for (const [place, bundle] of bundles.entries()) {
    const planned = plan[place];
    const workflowId = ids[place];
    if (planned && workflowId) {
      const told = { ...planned, warnings: [...planned.warnings, ...(notes[place] ?? [])] };
      prepared.push(
        await prepareOne(ctx, ports, bundle, {
          ...{ planned: told, workflowId, firstMessage },
          workflowHere: (id) => here.get(id),
        }),
      );
    }
  }
  return prepared;
}

async function prepareOne(
  ctx: Ctx,
  ports: ImportPorts,
  bundle: ImportBundle,
  { planned, ...arrival }: { planned: Planned } & Arrival,
): Promise<Prepared> {
  const result = (id: string, warnings: ImportResult["warnings"]): ImportResult => ({
    name: planned.name,
    action: planned.action,
    workflowId: id,
    warnings: [...planned.warnings, ...warnings],
    errors: [],
  });
  if (planned.action === "skipped") return { result: result(planned.existing.id, []), statements: [], last: [] };
  const knowledge = await knowledgeStatements(ctx, bundle);
  const notes = await knowledgeNotes(ctx, bundle);
  if (planned.action === "overwritten") {
    const statements = await overwriteWorkflow(ctx, bundle, planned.existing);
    return {
      result: result(planned.existing.id, [
        ...draftWarnings(bundle),
        ...overwriteNotes(bundle, planned.existing),
        ...notes,
      ]),
      statements,
      last: knowledge,
    };
  }
  const imported: ImportedWorkflow = await importedWorkflow(ctx, ports, bundle, arrival);
  const { rows, warnings } = resolveWaiting(imported.triggers.waiting, arrival.workflowHere);
  return {
    result: result(imported.workflowId, [...imported.warnings, ...warnings, ...notes]),
    statements: insertWorkflow(ctx, imported, { name: planned.name, workspaceId: ctx.workspaceId }),
    last: [...rows(ctx), ...knowledge],
  };
}

/** Nothing was made: an id that leads nowhere would be asked for. */
function withoutNewIds(result: ImportResult): ImportResult {
  return result.action === "created" || result.action === "renamed" ? { ...result, workflowId: null } : result;
}
