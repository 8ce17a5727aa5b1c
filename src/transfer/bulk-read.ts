import { and, desc, eq, lt } from "drizzle-orm";
import { z } from "zod";
import { isoTime, isoTimeOrNull } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import { decodeCursor, type Page, type PageRequest, pageOf, UUID_KEY } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import { objectKey } from "./bulk-limits.ts";
import type { ExportView } from "./export-options.ts";
import { exports } from "./schema.ts";

/** One bulk export of the workspace. Throws `export_not_found`. */
export async function getExport(ctx: Ctx, exportId: string): Promise<ExportView> {
  return viewOf(await readRow(ctx, exportId), ctx.clock.now());
}

/** The bulk exports of the workspace, newest first. */
export async function listExports(ctx: Ctx, request: PageRequest): Promise<Page<ExportView>> {
  const before = request.cursor === undefined ? undefined : lt(exports.id, decodeCursor(request.cursor, UUID_KEY));
  const rows = await ctx.db.orm
    .select(columns)
    .from(exports)
    .where(and(eq(exports.workspaceId, ctx.workspaceId), before))
    .orderBy(desc(exports.id))
    .limit(request.limit + 1);
  const now = ctx.clock.now();
  return pageOf(
    rows,
    request,
    (row) => row.id,
    (row) => viewOf(row, now),
  );
}

/** The file of an export. */
export interface ExportFile {
  /** What it is to be called, without its extension. */
  name: string;
  sizeBytes: number;
  body: ReadableStream;
}

/** Opens the file of an export that is ready. Throws `export_not_found`, `export_not_ready` and `export_expired`. */
export async function openExport(ctx: Ctx, bucket: Pick<R2Bucket, "get">, exportId: string): Promise<ExportFile> {
  const row = await readRow(ctx, exportId);
  const { status } = viewOf(row, ctx.clock.now());
  if (status === "expired") throw expired();
  if (status !== "ready") {
    const advice =
      status === "failed"
        ? "It failed: GET the export to see why, and start another one."
        : `${row.done} of ${row.total} workflows are in it. GET the export until its status is ready.`;
    throw new DomainError("export_not_ready", `There is no file of this export. ${advice}`);
  }
  const object = await bucket.get(objectKey(ctx.workspaceId, exportId, row.attempt));
  if (object === null) throw expired();
  return { name: `swarm-export-${isoTime(row.createdAt).slice(0, 10)}`, sizeBytes: object.size, body: object.body };
}

/** All but the list of workflows, which may be long. */
const columns = {
  id: exports.id,
  status: exports.status,
  done: exports.done,
  total: exports.total,
  attempt: exports.attempt,
  sizeBytes: exports.sizeBytes,
  secretFindings: exports.secretFindings,
  error: exports.error,
  expiresAt: exports.expiresAt,
  createdAt: exports.createdAt,
  updatedAt: exports.updatedAt,
};

async function readRow(ctx: Ctx, exportId: string) {
  const [row] = await ctx.db.orm
    .select(columns)
    .from(exports)
    .where(and(eq(exports.workspaceId, ctx.workspaceId), eq(exports.id, exportId)));
  if (!row) throw new DomainError("export_not_found", "There is no such export in this workspace.");
  return row;
}

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  details: z.array(z.object({ path: z.string(), message: z.string() })),
});

function viewOf(row: Awaited<ReturnType<typeof readRow>>, now: number): ExportView {
  // The cron comes by once a minute at best: until then the clock tells.
  const status = row.status === "ready" && row.expiresAt !== null && row.expiresAt <= now ? "expired" : row.status;
  return {
    id: row.id,
    status,
    done: row.done,
    total: row.total,
    downloadUrl: status === "ready" ? `/api/exports/${row.id}/download` : null,
    expiresAt: isoTimeOrNull(row.expiresAt),
    sizeBytes: row.sizeBytes,
    secretFindings: row.secretFindings,
    error: row.error === null ? null : errorSchema.parse(JSON.parse(row.error)),
    createdAt: isoTime(row.createdAt),
    updatedAt: isoTime(row.updatedAt),
  };
}

function expired(): DomainError {
  return new DomainError("export_expired", "Exports are kept for seven days, and this one is gone. Start another one.");
}
