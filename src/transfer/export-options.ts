import { z } from "@hono/zod-openapi";

/** Most workflows in one bulk export: each is an entry of an archive of which imports take 10,000. */
export const MAX_BULK_WORKFLOWS = 5_000;

/** A switch in a query: absent and `false` are the same. */
const flag = z
  .enum(["true", "false", "1", "0"], "true or false")
  .default("false")
  .transform((text) => text === "true" || text === "1");

/** What of a workflow goes into a bundle beside its definition. */
export interface ExportOptions {
  includeExecutions: boolean;
  includeKnowledge: boolean;
  includeSchedules: boolean;
  includeWebhooks: boolean;
  includeVersions: boolean;
  /** Makes a template of it: no ids, people, addresses, secrets, history or run-time data, whatever else is included. */
  anonymize: boolean;
}

export const exportQuery = z.object({
  includeExecutions: flag,
  includeKnowledge: flag,
  includeSchedules: flag,
  includeWebhooks: flag,
  includeVersions: flag,
  anonymize: flag,
  strict: flag.openapi({ description: "Refuse with 422 when something in it looks like a secret" }),
  format: z.enum(["json", "zip"]).default("json"),
});

const option = z.boolean().default(false);

/** What a bulk export is asked for, as its row keeps it too. */
export const bulkOptionsSchema = z.object({
  includeExecutions: option,
  includeKnowledge: option,
  includeSchedules: option,
  includeWebhooks: option,
  includeVersions: option,
  anonymize: option,
  /** The export fails when something in it looks like a secret. */
  strict: option,
});
export type BulkOptions = z.infer<typeof bulkOptionsSchema>;

export const bulkExportSchema = z
  .strictObject({
    workflowIds: z.array(z.string().min(1).max(64)).min(1).max(MAX_BULK_WORKFLOWS).optional(),
    all: z.boolean().optional(),
    ...bulkOptionsSchema.shape,
  })
  .refine(({ workflowIds, all }) => (workflowIds === undefined) === (all === true), {
    error: "give workflowIds, or all: true",
    path: ["workflowIds"],
  })
  .openapi("BulkExport");
export type BulkRequest = z.infer<typeof bulkExportSchema>;

export const EXPORT_STATUSES = ["queued", "running", "ready", "failed", "expired"] as const;

export const bulkStartedSchema = z.object({ exportId: z.string() }).openapi("BulkExportStarted");

export const exportSchema = z
  .object({
    id: z.string(),
    status: z.enum(EXPORT_STATUSES),
    done: z.number().int().openapi({ description: "Workflows that are in the file" }),
    total: z.number().int(),
    downloadUrl: z.string().nullable().openapi({ description: "A path of this installation. null until it is ready" }),
    expiresAt: z.string().nullable(),
    sizeBytes: z.number().int().nullable(),
    secretFindings: z.number().int(),
    error: z
      .object({
        code: z.string(),
        message: z.string(),
        details: z.array(z.object({ path: z.string(), message: z.string() })),
      })
      .nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("Export");
export type ExportView = z.infer<typeof exportSchema>;

export const cloneSchema = z
  .strictObject({ name: z.string().trim().min(1, "a workflow needs a name").max(200).optional() })
  .openapi("CloneRequest");
