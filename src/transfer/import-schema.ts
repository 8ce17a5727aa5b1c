import { z } from "@hono/zod-openapi";
import { definitionSchema, jsonFault } from "../definitions/index.ts";
import { entryFields } from "../knowledge/index.ts";
import { scheduleChangeSchema } from "../schedules/index.ts";
import { tagSchema } from "../versions/index.ts";
import { webhookInputSchema } from "../webhooks/index.ts";
import { BUNDLE_VERSION } from "./rules/bundle-version.ts";

const time = z.iso.datetime({ offset: true, error: "a time such as 2026-01-31T12:00:00.000Z" });
const INPUT_LIMITS = { maxBytes: 1_000_000, maxDepth: 64 };
/** A row of D1 holds 2 MB, and what is shown of an execution as much. */
const MAX_TEXT = 1_000_000;
/** Of schedules, and of webhooks: what a workflow has can be exported, and so has to be imported. */
const MAX_TRIGGERS = 5_000;

const jsonValue = z.unknown().superRefine((value, refinement) => {
  const fault = value === undefined ? null : jsonFault(value, INPUT_LIMITS);
  if (fault !== null) refinement.addIssue({ code: "custom", message: fault });
});

const definitionFields = definitionSchema.shape;
const errorSchema = z.object({ code: z.string().max(100), message: z.string().max(10_000) });
const count = z.int().min(0);

/** What a version held. Read as it is and without defaults of today, so that its hash stays the one that it had. */
const versionSchema = z.object({
  version: z.int().min(1),
  commitMessage: z.string().max(2_000),
  kind: z.enum(["manual", "auto", "restore", "import"]).default("manual"),
  tags: z.array(tagSchema).max(50).default([]),
  /** Of tags that versions share. */
  tagWeights: z.record(z.string(), z.int().min(1).max(1_000)).default({}),
  createdAt: time.optional(),
  createdByName: z.string().max(200).nullable().default(null),
  parentVersion: z.int().min(1).nullable().default(null),
  workflowData: z.object({
    nodes: definitionFields.nodes,
    edges: definitionFields.edges,
    agents: definitionFields.agents,
    settings: definitionFields.settings,
  }),
});

/** A step of an execution that has ended. */
export const stepSchema = z.object({
  nodeId: z.string().min(1).max(64),
  agentId: z.string().max(64).default(""),
  name: z.string().max(200).default(""),
  status: z.enum(["pending", "ready", "running", "succeeded", "failed", "skipped", "cancelled"]),
  attempts: count.default(0),
  output: z.string().max(MAX_TEXT).nullable().default(null),
  outputTruncated: z.boolean().default(false),
  error: errorSchema.nullable().default(null),
  provider: z.string().max(64).nullable().default(null),
  model: z.string().max(200).nullable().default(null),
  fallbackUsed: z.boolean().default(false),
  reused: z.boolean().default(false),
  inputTokens: count.default(0),
  outputTokens: count.default(0),
  costNanoUsd: count.nullable().default(null),
  startedAt: time.nullable().default(null),
  completedAt: time.nullable().default(null),
});

const executionSchema = z.object({
  status: z.enum(["queued", "running", "succeeded", "failed", "cancelled"]),
  /** Earlier exports of this format gave the word alone. */
  trigger: z
    .union([z.string().max(64), z.object({ type: z.string().max(64) })])
    .transform((trigger) => (typeof trigger === "string" ? trigger : trigger.type))
    .default("manual"),
  version: z.int().min(1).nullable().default(null),
  createdAt: time.optional(),
  startedAt: time.nullable().default(null),
  completedAt: time.nullable().default(null),
  input: jsonValue.default(null),
  output: z
    .union([z.string(), z.record(z.string(), z.string())])
    .nullable()
    .default(null),
  error: errorSchema
    .extend({ nodeId: z.string().max(64).nullable().default(null) })
    .nullable()
    .default(null),
  steps: z.array(stepSchema).max(500).superRefine(uniqueNodes).default([]),
  inputTokens: count.default(0),
  outputTokens: count.default(0),
  costNanoUsd: count.nullable().default(null),
});

const knowledgeSchema = z.object({
  ...entryFields,
  context: entryFields.context.optional(),
  confidence: entryFields.confidence.default(100),
  source: z.unknown().optional(),
  createdAt: time.optional(),
});

/** One workflow with what belongs to it, as an export writes it. What is not listed is not imported. */
export const importBundleSchema = z.object({
  version: z.literal(BUNDLE_VERSION),
  exportedAt: z.string().optional(),
  workflow: z.object({
    id: z.string().max(64).optional(),
    name: z.string().trim().min(1, "a workflow needs a name").max(200),
    description: z.string().max(4_000).nullable().default(null),
    nodes: definitionFields.nodes,
    edges: definitionFields.edges,
    settings: definitionFields.settings,
  }),
  agents: definitionFields.agents,
  schedules: z.array(scheduleChangeSchema).max(MAX_TRIGGERS).default([]),
  webhooks: z.array(webhookInputSchema).max(MAX_TRIGGERS).default([]),
  knowledgeBase: z.array(knowledgeSchema).max(20_000).default([]),
  versions: z.array(versionSchema).max(10_000).superRefine(uniqueVersions).default([]),
  executions: z.array(executionSchema).max(20_000).default([]),
});

export type ImportBundle = z.infer<typeof importBundleSchema>;
export type ImportedVersion = z.infer<typeof versionSchema>;
export type ImportedExecution = z.infer<typeof executionSchema>;
export type ImportedStep = z.infer<typeof stepSchema>;
export type ImportedKnowledge = z.infer<typeof knowledgeSchema>;

function uniqueVersions(versions: readonly { version: number }[], refinement: z.RefinementCtx): void {
  unique(
    versions.map(({ version }) => version),
    "version",
    refinement,
  );
}

function uniqueNodes(steps: readonly { nodeId: string }[], refinement: z.RefinementCtx): void {
  unique(
    steps.map(({ nodeId }) => nodeId),
    "nodeId",
    refinement,
  );
}

/** Two of the same could not be told apart, and the database would refuse the second in the middle of an import. */
function unique(values: readonly (string | number)[], field: string, refinement: z.RefinementCtx): void {
  const seen = new Set<string | number>();
  values.forEach((value, index) => {
    if (seen.has(value)) refinement.addIssue({ code: "custom", path: [index, field], message: `${value} is taken` });
    seen.add(value);
  });
}
