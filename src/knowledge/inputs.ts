import { z } from "@hono/zod-openapi";
import { pageQueryFields } from "../core/pagination.ts";
import { storable } from "./rules/storable.ts";
import { KNOWLEDGE_SOURCES } from "./schema.ts";

/** Of a role or a category, in characters. */
export const MAX_LABEL = 100;
/** Of an entry's content, and of its context. */
export const MAX_ENTRY_TEXT = 20_000;

const label = z.string().transform(storable).pipe(z.string().min(1, "is empty").max(MAX_LABEL));
const text = z.string().transform(storable).pipe(z.string().min(1, "is empty").max(MAX_ENTRY_TEXT));
const context = z.string().transform(storable).pipe(z.string().max(MAX_ENTRY_TEXT)).nullable();

/** What makes up an entry, cleaned as it is read. */
export const entryFields = {
  agentRole: label.openapi({ description: "Agents of this role are given the entry; case does not matter" }),
  category: label,
  content: text.openapi({ description: "What is known" }),
  context: context.openapi({ description: "Where it holds, or where it comes from" }),
  confidence: z
    .number()
    .min(0)
    .max(100)
    .openapi({ description: "How sure it is. With 0 it is kept, and given to no agent" }),
};

/** What GET adds to an entry. It may be sent back, and is ignored. */
const readOnly = {
  id: z.unknown().optional(),
  source: z.unknown().optional(),
  executionId: z.unknown().optional(),
  nodeId: z.unknown().optional(),
  createdAt: z.unknown().optional(),
  updatedAt: z.unknown().optional(),
};

export const newKnowledgeSchema = z
  .strictObject({
    ...entryFields,
    context: entryFields.context.default(null),
    confidence: entryFields.confidence.default(100),
    ...readOnly,
  })
  .openapi("NewKnowledgeEntry");
export type NewKnowledge = z.infer<typeof newKnowledgeSchema>;

export const knowledgeChangeSchema = z
  .strictObject({ ...z.object(entryFields).partial().shape, ...readOnly })
  .openapi("KnowledgeChange");
export type KnowledgeChange = z.infer<typeof knowledgeChangeSchema>;

export const knowledgeParams = z.object({ id: z.string().max(64) });

export const knowledgeQuery = z.object({
  ...pageQueryFields,
  agentRole: z.string().trim().max(MAX_LABEL).optional(),
  category: z.string().trim().max(MAX_LABEL).optional(),
  /** Every word must occur in category, content or context, as the beginning of a word. */
  q: z.string().max(200).optional(),
});
export type KnowledgeQuery = z.infer<typeof knowledgeQuery>;

export const knowledgeSchema = z
  .object({
    id: z.string(),
    agentRole: z.string(),
    category: z.string(),
    content: z.string(),
    context: z.string().nullable(),
    confidence: z.number(),
    source: z.enum(KNOWLEDGE_SOURCES),
    /** The execution and node that an agent learned it in; null otherwise. */
    executionId: z.string().nullable(),
    nodeId: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("KnowledgeEntry");
export type KnowledgeView = z.infer<typeof knowledgeSchema>;
