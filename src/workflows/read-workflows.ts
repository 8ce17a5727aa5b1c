import { and, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import { decodeCursor, encodeCursor, type Page, type PageRequest, UUID_KEY } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import type { Definition } from "../definitions/index.ts";
import { type Loss, readSnapshot } from "../versions/index.ts";
import { snapshots } from "../versions/schema.ts";
import type { WorkflowView } from "./inputs.ts";
import { workflows } from "./schema.ts";

/** A page of definitions is held in memory at once: of an isolate's 128 MB it gets this many characters. */
const MAX_PAGE_CHARACTERS = 8_000_000;

/** A workflow with its draft, and the hash under which the draft is stored. */
export interface StoredWorkflow {
  view: WorkflowView;
  definition: Definition;
  /** What today's schema does not take of the stored draft, and is not in `definition`. */
  losses: Loss[];
  draftHash: string;
  /** The content of the newest version, `null` while there is none. */
  headHash: string | null;
}

const newestVersion = sql`(SELECT max(number) FROM versions v WHERE v.workspace_id = ${workflows.workspaceId} AND v.workflow_id = ${workflows.id})`;
const columns = {
  id: workflows.id,
  name: workflows.name,
  description: workflows.description,
  draftHash: workflows.draftHash,
  revision: workflows.revision,
  createdAt: workflows.createdAt,
  updatedAt: workflows.updatedAt,
  headNumber: sql<number | null>`${newestVersion}`.as("head_number"),
  headId: sql<
    string | null
  >`(SELECT id FROM versions v WHERE v.workspace_id = ${workflows.workspaceId} AND v.workflow_id = ${workflows.id} AND v.number = ${newestVersion})`.as(
    "head_id",
  ),
  headHash: sql<
    string | null
  >`(SELECT content_hash FROM versions v WHERE v.workspace_id = ${workflows.workspaceId} AND v.workflow_id = ${workflows.id} AND v.number = ${newestVersion})`.as(
    "head_hash",
  ),
  committedHash: sql<
    string | null
  >`(SELECT content_hash FROM versions v WHERE v.workspace_id = ${workflows.workspaceId} AND v.workflow_id = ${workflows.id} AND v.kind <> 'auto' ORDER BY v.number DESC LIMIT 1)`.as(
    "committed_hash",
  ),
};
const columnsWithContent = { ...columns, encoding: snapshots.encoding, content: snapshots.content };

/** A row of `columns` as D1 itself names them. */
const writtenSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  draft_hash: z.string(),
  revision: z.number(),
  created_at: z.number(),
  updated_at: z.number(),
  head_number: z.number().nullable(),
  head_id: z.string().nullable(),
  committed_hash: z.string().nullable(),
});

/** One workflow of the workspace. Throws `workflow_not_found`. */
export async function getWorkflow(ctx: Ctx, workflowId: string): Promise<StoredWorkflow> {
  const [row] = await select(ctx, eq(workflows.id, workflowId), 1);
  if (!row) throw notFound();
  return toStored(row);
}

/** The statement, to stand last in a batch that writes a workflow, whose row {@link viewOfBatch} reads. */
export function readBack(ctx: Ctx, workflowId: string): D1PreparedStatement {
  const { sql: text, params } = ctx.db.orm
    .select(columns)
    .from(workflows)
    // Of one table drizzle leaves the table's name out of the inner queries, where it would then mean their own.
    .innerJoin(snapshots, draftSnapshot)
    .where(and(eq(workflows.workspaceId, ctx.workspaceId), eq(workflows.id, workflowId)))
    .toSQL();
  return ctx.db.d1.prepare(text).bind(...params);
}

/** The workflow as a batch left it that ended in {@link readBack}, its draft being `definition`. Throws `workflow_not_found`. */
export function viewOfBatch(results: readonly D1Result[], definition: Definition): WorkflowView {
  const [row] = z.array(writtenSchema).parse(results.at(-1)?.results);
  if (!row) throw notFound();
  return viewOf(
    {
      ...row,
      draftHash: row.draft_hash,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      headNumber: row.head_number,
      headId: row.head_id,
      committedHash: row.committed_hash,
    },
    definition,
  );
}

/**
 * The workflows of the workspace, newest first, whole. A page is shorter than asked for when the
 * definitions on it are very large; `nextCursor` goes on from there.
 */
export async function listWorkflows(ctx: Ctx, request: PageRequest): Promise<Page<WorkflowView>> {
  const before = request.cursor === undefined ? undefined : lt(workflows.id, decodeCursor(request.cursor, UUID_KEY));
  const sizes = await ctx.db.orm
    .select({ id: workflows.id, size: sql<number>`length(${snapshots.content})` })
    .from(workflows)
    .innerJoin(snapshots, draftSnapshot)
    .where(and(eq(workflows.workspaceId, ctx.workspaceId), before))
    .orderBy(desc(workflows.id))
    .limit(request.limit + 1);
  const shown = withinSize(sizes.slice(0, request.limit));
  const last = shown.at(-1);
  if (last === undefined) return { items: [], nextCursor: null };

  const rows = await select(ctx, and(gte(workflows.id, last), before), shown.length);
  const stored = await Promise.all(rows.map(toStored));
  return {
    items: stored.map(({ view }) => view),
    nextCursor: sizes.length > shown.length ? encodeCursor(last) : null,
  };
}

const draftSnapshot = and(eq(snapshots.workspaceId, workflows.workspaceId), eq(snapshots.hash, workflows.draftHash));

type Row = Awaited<ReturnType<typeof select>>[number];

function select(ctx: Ctx, condition: SQL | undefined, limit: number) {
  return ctx.db.orm
    .select(columnsWithContent)
    .from(workflows)
    .innerJoin(snapshots, draftSnapshot)
    .where(and(eq(workflows.workspaceId, ctx.workspaceId), condition))
    .orderBy(desc(workflows.id))
    .limit(limit);
}

/** The ids of as many rows as fit into a page's memory: always the first. */
function withinSize(rows: readonly { id: string; size: number }[]): string[] {
  let total = 0;
  const fitting = rows.filter((row, index) => {
    total += row.size;
    return index === 0 || total <= MAX_PAGE_CHARACTERS;
  });
  return fitting.map((row) => row.id);
}

async function toStored(row: Row): Promise<StoredWorkflow> {
  const { definition, losses } = await readSnapshot(row);
  return { view: viewOf(row, definition), definition, losses, draftHash: row.draftHash, headHash: row.headHash };
}

function viewOf(row: Omit<Row, "headHash" | "encoding" | "content">, definition: Definition): WorkflowView {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    ...definition,
    revision: row.revision,
    headVersion: row.headId === null || row.headNumber === null ? null : { id: row.headId, version: row.headNumber },
    dirty: row.committedHash !== row.draftHash,
    createdAt: isoTime(row.createdAt),
    updatedAt: isoTime(row.updatedAt),
  };
}

function notFound(): DomainError {
  return new DomainError("workflow_not_found", "There is no such workflow in this workspace.");
}
