import { z } from "@hono/zod-openapi";
import { pageQueryFields } from "../core/pagination.ts";
import { MAX_CALL_DAYS, MAX_RETENTION_DAYS } from "../core/retention.ts";
import { definitionSchema } from "../definitions/index.ts";
import { MAX_AUTO_VERSIONS_KEPT } from "./retention.ts";

/** A simple name, and not the word that stands for the draft. */
export const tagSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/, "a tag is a letter, then up to 63 letters, digits, dots, _ or -")
  .refine((tag) => tag !== "draft", "draft is what has not been committed: choose another name");

export const commitSchema = z
  .strictObject({
    commitMessage: z.string().trim().min(1, "say in a few words what changed").max(2_000),
    tag: tagSchema.optional(),
  })
  .openapi("Commit");

const shareSchema = z.strictObject({ versionId: z.string().min(1).max(64), weight: z.int().min(1).max(1_000) });

/** What is to become of a version's tags. */
export type TagChange =
  | { tag: string; split?: z.infer<typeof shareSchema>[] }
  /** All tags of the version go. */
  | { tag: null }
  | { remove: string };

/** One object and no union of several: a union that fits nowhere cannot say which field is wrong. */
export const tagChangeSchema = z
  .strictObject({
    tag: tagSchema.nullable().optional(),
    split: z
      .array(shareSchema)
      .min(2, "a split needs two versions at least")
      .max(10, "at most ten versions share a tag")
      .optional(),
    remove: tagSchema.optional(),
  })
  .transform(({ tag, split, remove }, refinement): TagChange => {
    const refuse = (field: string, message: string) => {
      refinement.addIssue({ code: "custom", path: [field], message });
      return z.NEVER;
    };
    if (remove !== undefined) {
      return tag === undefined && split === undefined ? { remove } : refuse("remove", "either tag or remove, not both");
    }
    if (tag === undefined) return refuse("tag", "this needs a tag, or null for none, or remove");
    if (split === undefined) return { tag };
    return tag === null ? refuse("split", "only a named tag can be shared") : { tag, split };
  })
  .openapi("TagChange");

export const versionSchema = z
  .object({
    id: z.string(),
    workflowId: z.string(),
    version: z.number().int(),
    commitMessage: z.string(),
    createdBy: z.string().nullable(),
    createdByName: z.string().nullable(),
    createdAt: z.string(),
    parentVersionId: z.string().nullable(),
    tag: z.string().nullable(),
    tags: z.array(z.string()),
    /** Tags that this version shares with others, and its part of each in percent. */
    splits: z.array(z.object({ tag: z.string(), percent: z.number() })),
    kind: z.enum(["manual", "auto", "restore", "import"]),
    contentHash: z.string(),
    executionCount: z.number().int(),
    successRate: z.number().nullable(),
    avgDuration: z.number().int().nullable(),
    avgCostNanoUsd: z.number().int().nullable(),
    avgInputTokens: z.number().int().nullable(),
    avgOutputTokens: z.number().int().nullable(),
  })
  .openapi("Version");
export type VersionView = z.infer<typeof versionSchema>;

export const committedSchema = versionSchema.extend({ unchanged: z.boolean() }).openapi("Committed");

export const versionDetailSchema = versionSchema.extend({ workflowData: definitionSchema }).openapi("VersionDetail");

const fieldSchema = z.object({ path: z.string(), before: z.unknown(), after: z.unknown() });
const changeSchema = z.object({
  id: z.string(),
  kind: z.enum(["added", "removed", "modified"]),
  fields: z.array(fieldSchema),
});
const counted = z.number().int();

const sideSchema = z.union([z.object({ draft: z.literal(true) }), versionSchema.extend({ draft: z.literal(false) })]);

export const comparisonSchema = z
  .object({
    from: sideSchema,
    to: sideSchema,
    summary: z.object({
      nodesAdded: counted,
      nodesRemoved: counted,
      nodesModified: counted,
      nodesMoved: counted,
      edgesAdded: counted,
      edgesRemoved: counted,
      edgesModified: counted,
      agentsAdded: counted,
      agentsRemoved: counted,
      agentsModified: counted,
      reordered: z.boolean(),
    }),
    changes: z.object({
      nodes: z.array(changeSchema.extend({ moved: z.boolean() })),
      edges: z.array(changeSchema),
      agents: z.array(changeSchema),
      settings: z.array(changeSchema),
    }),
  })
  .openapi("Comparison");

const daysSchema = z.int().min(1).max(MAX_RETENTION_DAYS);

export const retentionSchema = z
  .object({
    autoVersionsKept: z.number().int(),
    autoVersionDays: z.number().int(),
    executionDays: z.number().int().nullable(),
    logDays: z.number().int().nullable(),
    callDays: z.number().int(),
  })
  .openapi("Settings");

export const retentionChangeSchema = z
  .strictObject({
    autoVersionsKept: z.int().min(1).max(MAX_AUTO_VERSIONS_KEPT).optional(),
    autoVersionDays: daysSchema.optional(),
    executionDays: daysSchema.nullable().optional(),
    logDays: daysSchema.nullable().optional(),
    callDays: z.int().min(1).max(MAX_CALL_DAYS).optional(),
  })
  .openapi("SettingsChange");

/** Which of a workflow's versions are listed. A person's are few among the automatic ones, and those with a tag fewer. */
export const versionQuery = z.object({
  ...pageQueryFields,
  kind: z.enum(["committed", "auto"]).optional().openapi({ description: "`committed` is all but automatic ones" }),
  tagged: z.literal("true").optional().openapi({ description: "Those with a tag alone" }),
});
export type VersionQuery = z.infer<typeof versionQuery>;

export const ofWorkflow = z.object({ id: z.string().max(64) });
export const ofVersion = z.object({ versionId: z.string().max(64) });
export const compareParams = z.object({ id: z.string().max(64), v1: z.string().max(64), v2: z.string().max(64) });
