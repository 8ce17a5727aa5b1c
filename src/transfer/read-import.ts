import { z } from "@hono/zod-openapi";
import { isoTime } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { importResultSchema, importSummarySchema, summaryOf } from "./import-results.ts";

export const importStateSchema = z
  .object({
    id: z.string(),
    status: z.enum(["queued", "running", "succeeded", "failed"]),
    dryRun: z.boolean(),
    done: z.number().int(),
    total: z.number().int().nullable().openapi({ description: "null until the whole file was checked" }),
    results: z.array(importResultSchema),
    summary: importSummarySchema,
    errors: z.array(z.object({ path: z.string(), message: z.string() })).openapi({
      description: "Why nothing was imported, when the import failed",
    }),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("Import");
export type ImportState = z.infer<typeof importStateSchema>;

const rowSchema = z.object({
  status: z.enum(["uploading", "queued", "running", "succeeded", "failed"]),
  dry_run: z.number(),
  total: z.number().nullable(),
  errors: z.string().nullable(),
  created_at: z.number(),
  updated_at: z.number(),
});
const itemSchema = z.object({ result: z.string() });

/** The import of a large file, as far as it is. Throws `import_not_found`. */
export async function readImport(ctx: Ctx, importId: string): Promise<ImportState> {
  const [imports, items] = await ctx.db.d1.batch([
    ctx.db.d1
      .prepare(
        "SELECT status, dry_run, total, errors, created_at, updated_at FROM imports WHERE workspace_id = ?1 AND id = ?2",
      )
      .bind(ctx.workspaceId, importId),
    ctx.db.d1
      .prepare("SELECT result FROM import_items WHERE workspace_id = ?1 AND import_id = ?2 ORDER BY position")
      .bind(ctx.workspaceId, importId),
  ]);
  const [row] = z.array(rowSchema).parse(imports?.results ?? []);
  if (!row)
    throw new DomainError("import_not_found", "There is no such import in this workspace. It may be over 30 days old.");
  const results = z
    .array(itemSchema)
    .parse(items?.results ?? [])
    .map(({ result }) => importResultSchema.parse(JSON.parse(result)));
  return {
    id: importId,
    status: row.status === "uploading" ? "queued" : row.status,
    dryRun: row.dry_run === 1,
    done: results.length,
    total: row.total,
    results,
    summary: summaryOf(results),
    errors:
      row.errors === null
        ? []
        : z.array(z.object({ path: z.string(), message: z.string() })).parse(JSON.parse(row.errors)),
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
  };
}
