import { z } from "@hono/zod-openapi";
import { agentSchema, definitionSchema, edgeSchema, nodeSchema, settingsSchema } from "../definitions/index.ts";
import { versionSchema } from "../versions/index.ts";

const name = z.string().trim().min(1, "a workflow needs a name").max(200);
const description = z.string().max(4_000).nullable();

/** What GET adds to a workflow. It may be sent back, and is ignored. */
const readOnly = {
  id: z.unknown().optional(),
  revision: z.unknown().optional(),
  headVersion: z.unknown().optional(),
  dirty: z.unknown().optional(),
  createdAt: z.unknown().optional(),
  updatedAt: z.unknown().optional(),
};

const definitionFields = definitionSchema.shape;

export const createWorkflowSchema = z
  .strictObject({ name, description: description.default(null), ...definitionFields, ...readOnly })
  .openapi("NewWorkflow");
export type CreateWorkflow = z.infer<typeof createWorkflowSchema>;

/** A save replaces the whole draft. A name or description that is left out stays as it is. */
export const saveWorkflowSchema = z
  .strictObject({ name: name.optional(), description: description.optional(), ...definitionFields, ...readOnly })
  .openapi("WorkflowDraft");
export type SaveWorkflow = z.infer<typeof saveWorkflowSchema>;

export const workflowSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    nodes: z.array(nodeSchema),
    edges: z.array(edgeSchema),
    agents: z.array(agentSchema),
    settings: settingsSchema,
    revision: z.number().int(),
    headVersion: z.object({ id: z.string(), version: z.number().int() }).nullable(),
    dirty: z.boolean(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("Workflow");
export type WorkflowView = z.infer<typeof workflowSchema>;

export const workflowNameSchema = z.object({ id: z.string(), name: z.string() }).openapi("WorkflowName");

const faultSchema = z.object({ code: z.string(), path: z.string(), message: z.string() });

export const validationSchema = z
  .object({ valid: z.boolean(), errors: z.array(faultSchema), warnings: z.array(faultSchema) })
  .openapi("Validation");

export const restoredSchema = workflowSchema
  .extend({ version: versionSchema, unchanged: z.boolean(), warnings: z.array(faultSchema) })
  .openapi("Restored");

/** Nothing: the draft is validated. A definition: it is validated in the draft's place, and nothing is saved. */
export const validateRequestSchema = z.strictObject({ definition: definitionSchema.optional() });

export const restoreParams = z.object({ id: z.string().max(64), versionId: z.string().max(64) });

export const workflowParams = z.object({ id: z.string().max(64) });
