import { z } from "@hono/zod-openapi";

export const CONFLICTS = ["skip", "rename", "overwrite"] as const;
/** What becomes of a workflow whose name the workspace has already. */
export type Conflict = (typeof CONFLICTS)[number];

export const ACTIONS = ["created", "renamed", "overwritten", "skipped", "failed"] as const;

/** Something to look at after an import, with the place in the file: `schedules[1].version`. */
const noteSchema = z.object({ path: z.string(), message: z.string() });
export type Note = z.infer<typeof noteSchema>;

export const importResultSchema = z
  .object({
    name: z.string().openapi({ description: "The name in this workspace" }),
    action: z.enum(ACTIONS),
    workflowId: z.string().nullable().openapi({ description: "null when nothing was written, as in a dry run" }),
    warnings: z.array(noteSchema),
    errors: z.array(noteSchema),
  })
  .openapi("ImportResult");
export type ImportResult = z.infer<typeof importResultSchema>;

const counted = z.number().int();
export const importSummarySchema = z
  .object({ created: counted, renamed: counted, overwritten: counted, skipped: counted, failed: counted })
  .openapi("ImportSummary");
export type ImportSummary = z.infer<typeof importSummarySchema>;

export const importedSchema = z
  .object({ results: z.array(importResultSchema), summary: importSummarySchema, dryRun: z.boolean() })
  .openapi("Imported");
/** What was imported, or would be: in the order of the file. */
export type Imported = z.infer<typeof importedSchema>;

/** The workflows whose drafts an import has replaced. */
export function overwrittenBy({ results, dryRun }: Pick<Imported, "results" | "dryRun">): { id: string }[] {
  if (dryRun) return [];
  return results.flatMap(({ action, workflowId }) =>
    action === "overwritten" && workflowId !== null ? [{ id: workflowId }] : [],
  );
}

export function summaryOf(results: readonly Pick<ImportResult, "action">[]): ImportSummary {
  const summary: ImportSummary = { created: 0, renamed: 0, overwritten: 0, skipped: 0, failed: 0 };
  for (const { action } of results) summary[action] += 1;
  return summary;
}
