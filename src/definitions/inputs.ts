import { z } from "@hono/zod-openapi";
import { inputSchemaFaults } from "./rules/input-schema.ts";
import { fitsUtf8, isJsonObject, type JsonObject, jsonFault } from "./rules/json.ts";

export const MAX_NODES = 500;
export const MAX_EDGES = 2_000;
export const MAX_PROMPT_BYTES = 64 * 1024;
export const MAX_CONDITION_LENGTH = 1_000;
const NODE_DATA_LIMITS = { maxBytes: 32 * 1024, maxDepth: 32 };

/** Ids of nodes, edges and agents are the client's own. Outputs are kept by node id, which `__proto__` would break. */
const idSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "1 to 64 letters, digits, _ or -")
  .refine((id) => id !== "__proto__", "this name has a meaning of its own in JavaScript: choose another");

const promptSchema = z
  .string()
  .max(MAX_PROMPT_BYTES)
  .refine((text) => fitsUtf8(text, MAX_PROMPT_BYTES), `at most ${MAX_PROMPT_BYTES} bytes in UTF-8`);

const jsonObjectSchema = z
  .custom<JsonObject>(isJsonObject, "a JSON object is expected")
  .openapi({ type: "object", additionalProperties: true });

/** What happens when an agent's own provider fails. Times are milliseconds. */
export const fallbackSchema = z
  .strictObject({
    enabled: z.boolean().default(true),
    strategy: z.enum(["ordered", "cheapest", "fastest", "balanced"]).default("ordered"),
    targets: z
      .array(
        z.strictObject({
          provider: z.string().min(1).max(64),
          /** Left out: the provider's own counterpart of the agent's model. */
          model: z.string().min(1).max(200).optional(),
          weight: z.number().min(0).max(1_000).optional(),
        }),
      )
      .max(10)
      .default([]),
    on: z
      .strictObject({
        error: z.boolean().default(true),
        rateLimit: z.boolean().default(true),
        timeout: z.boolean().default(true),
        statusCodes: z.array(z.int().min(100).max(599)).max(50).default([]),
        /** A call that took longer than this counts as failed for the next choice. */
        latencyMs: z.int().min(1).max(900_000).optional(),
      })
      .prefault({}),
    /** Extra calls to the same target before the next one is tried. */
    retries: z.int().min(0).max(10).default(0),
    attemptTimeoutMs: z.int().min(100).max(600_000).default(60_000),
    deadlineMs: z.int().min(100).max(900_000).default(300_000),
  })
  .openapi("Fallback");

/**
 * One node's worker. Any provider and model name is accepted here: a draft may name one that is not known yet, which
 * `validateDefinition` reports.
 */
export const agentSchema = z
  .strictObject({
    id: idSchema,
    nodeId: idSchema,
    name: z.string().min(1).max(200),
    role: z.string().min(1).max(100),
    description: z.string().max(2_000).optional(),
    provider: z.string().min(1).max(64),
    model: z.string().min(1).max(200),
    systemPrompt: promptSchema.optional(),
    prompt: promptSchema.optional(),
    temperature: z.number().min(0).max(2).default(0.7),
    maxTokens: z.int().min(1).max(200_000).default(1_024),
    topP: z.number().min(0).max(1).optional(),
    stopSequences: z.array(z.string().min(1).max(100)).max(16).optional(),
    capabilities: z.array(z.string().min(1).max(100)).max(50).default([]),
    fallback: fallbackSchema.optional(),
    useKnowledge: z.boolean().optional(),
    learnKnowledge: z.boolean().optional(),
  })
  .openapi("Agent");

export const nodeSchema = z
  .strictObject({
    id: idSchema,
    type: z.literal("agent"),
    position: z.strictObject({ x: z.number(), y: z.number() }),
    /** The client's own, kept as it is. */
    data: jsonObjectSchema
      .superRefine((data, refinement) => {
        const fault = jsonFault(data, NODE_DATA_LIMITS);
        if (fault !== null) refinement.addIssue({ code: "custom", message: `data ${fault}` });
      })
      .optional(),
  })
  .openapi("Node");

export const edgeSchema = z
  .strictObject({
    id: idSchema,
    source: idSchema,
    target: idSchema,
    /** JMESPath; the edge is taken when the result is truthy, and always without one. */
    condition: z.string().min(1).max(MAX_CONDITION_LENGTH).optional(),
  })
  .openapi("Edge");

export const settingsSchema = z
  .strictObject({
    timeoutSeconds: z.int().min(1).max(86_400).optional(),
    maxParallel: z.int().min(1).max(500).optional(),
    /** How often a failed step is run again. */
    stepRetries: z.int().min(0).max(10).optional(),
    inputSchema: jsonObjectSchema
      .superRefine((schema, refinement) => {
        for (const { path, message } of inputSchemaFaults(schema)) {
          refinement.addIssue({ code: "custom", path: path === "" ? [] : [path], message });
        }
      })
      .optional(),
  })
  .openapi("WorkflowSettings");

/**
 * The document of a workflow. Wrong types, unknown fields, duplicate ids and sizes out of bounds are refused here;
 * what makes a graph impossible to run is told by `validateDefinition`, so that an unfinished draft can be saved.
 * Unrefined as a whole: `definitionSchema.shape` can be spread into the body of a workflow.
 */
export const definitionSchema = z
  .strictObject({
    nodes: z.array(nodeSchema).max(MAX_NODES).superRefine(uniqueIds).default([]),
    edges: z.array(edgeSchema).max(MAX_EDGES).superRefine(uniqueIds).default([]),
    agents: z.array(agentSchema).max(MAX_NODES).superRefine(uniqueIds).default([]),
    settings: settingsSchema.default({}),
  })
  .openapi("Definition");

export type Definition = z.infer<typeof definitionSchema>;
export type Agent = z.infer<typeof agentSchema>;
export type WorkflowNode = z.infer<typeof nodeSchema>;
export type Edge = z.infer<typeof edgeSchema>;
export type WorkflowSettings = z.infer<typeof settingsSchema>;
export type Fallback = z.infer<typeof fallbackSchema>;

/** A diff, a log or an execution that goes by id would mix up two things of the same id. */
function uniqueIds(items: readonly { id: string }[], refinement: z.RefinementCtx): void {
  const seen = new Set<string>();
  items.forEach(({ id }, index) => {
    if (seen.has(id)) refinement.addIssue({ code: "custom", path: [index, "id"], message: `the id "${id}" is taken` });
    seen.add(id);
  });
}
