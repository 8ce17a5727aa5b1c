import { createRoute } from "@hono/zod-openapi";
import { jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { changeEntry } from "./change-entry.ts";
import { createEntry } from "./create-entry.ts";
import { deleteEntry } from "./delete-entry.ts";
import {
  knowledgeChangeSchema,
  knowledgeParams,
  knowledgeQuery,
  knowledgeSchema,
  newKnowledgeSchema,
} from "./inputs.ts";
import { listEntries } from "./list-entries.ts";

const tags = ["Knowledge"];
const middleware = requires("knowledge.edit");
const path = "/knowledge/{id}";

const list = createRoute({
  method: "get",
  path: "/knowledge",
  tags,
  summary: "What agents may draw on, newest first; `q` searches category, content and context",
  middleware: requires("workspace.read"),
  request: { query: knowledgeQuery },
  responses: { 200: jsonAnswer(pageSchema(knowledgeSchema), "A page of entries") },
});

const create = createRoute({
  method: "post",
  path: "/knowledge",
  tags,
  summary: "Write something down for agents of a role; 409 with the entry's id when it is known already",
  middleware,
  request: { body: jsonRequest(newKnowledgeSchema) },
  responses: { 201: jsonAnswer(knowledgeSchema, "The entry") },
});

const change = createRoute({
  method: "put",
  path,
  tags,
  summary: "Change an entry; what is left out stays",
  middleware,
  request: { params: knowledgeParams, body: jsonRequest(knowledgeChangeSchema) },
  responses: { 200: jsonAnswer(knowledgeSchema, "The entry") },
});

const remove = createRoute({
  method: "delete",
  path,
  tags,
  summary: "Remove an entry",
  middleware,
  request: { params: knowledgeParams },
  responses: { 204: { description: "Removed" } },
});

export const knowledgeRoutes = createRouter()
  .openapi(list, async (c) => c.json(await listEntries(c.var.ctx, c.req.valid("query")), 200))
  .openapi(create, async (c) => c.json(await createEntry(c.var.ctx, c.req.valid("json")), 201))
  .openapi(change, async (c) => {
    return c.json(await changeEntry(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200);
  })
  .openapi(remove, async (c) => {
    await deleteEntry(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  });
