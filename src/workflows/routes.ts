import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { jsonAnswer, jsonRequest, pageQuery, pageSchema } from "../http/answers.ts";
import { type AppEnv, createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { ifMatchHeaders, revisionOf } from "../http/if-match.ts";
import { createWorkflow } from "./create-workflow.ts";
import { deleteWorkflow } from "./delete-workflow.ts";
import {
  createWorkflowSchema,
  restoredSchema,
  restoreParams,
  saveWorkflowSchema,
  validateRequestSchema,
  validationSchema,
  workflowNameSchema,
  workflowParams,
  workflowSchema,
} from "./inputs.ts";
import { listNames } from "./list-names.ts";
import { getWorkflow, listWorkflows } from "./read-workflows.ts";
import { restoreVersion } from "./restore-version.ts";
import { saveWorkflow } from "./save-workflow.ts";
import { tellDrafts } from "./tell-draft.ts";
import { validateWorkflow } from "./validate-workflow.ts";

const tags = ["Workflows"];

const list = createRoute({
  method: "get",
  path: "/workflows",
  tags,
  summary: "The workspace's workflows, newest first",
  middleware: requires("workspace.read"),
  request: { query: z.object(pageQuery) },
  responses: { 200: jsonAnswer(pageSchema(workflowSchema), "A page of workflows") },
});

const names = createRoute({
  method: "get",
  path: "/workflow-names",
  tags,
  summary: "The workspace's workflows by id and name alone, newest first",
  middleware: requires("workspace.read"),
  request: { query: z.object(pageQuery) },
  responses: { 200: jsonAnswer(pageSchema(workflowNameSchema), "A page of names") },
});

const create = createRoute({
  method: "post",
  path: "/workflows",
  tags,
  summary: "Create a workflow",
  middleware: requires("workflows.edit"),
  request: { body: jsonRequest(createWorkflowSchema) },
  responses: { 201: jsonAnswer(workflowSchema, "The workflow") },
});

const read = createRoute({
  method: "get",
  path: "/workflows/{id}",
  tags,
  summary: "One workflow with its draft",
  middleware: requires("workspace.read"),
  request: { params: workflowParams },
  responses: { 200: jsonAnswer(workflowSchema, "The workflow") },
});

const save = createRoute({
  method: "put",
  path: "/workflows/{id}",
  tags,
  summary: "Replace the draft, and leave an automatic version",
  middleware: requires("workflows.edit"),
  request: {
    params: workflowParams,
    headers: ifMatchHeaders,
    body: jsonRequest(saveWorkflowSchema),
  },
  responses: { 200: jsonAnswer(workflowSchema, "The workflow") },
});

const remove = createRoute({
  method: "delete",
  path: "/workflows/{id}",
  tags,
  summary: "Delete a workflow with its versions and executions",
  middleware: requires("workflows.delete"),
  request: { params: workflowParams },
  responses: { 204: { description: "Deleted" } },
});

const validate = createRoute({
  method: "post",
  path: "/workflows/{id}/validate",
  tags,
  summary: "Name every fault of the draft, or of the definition in the body",
  middleware: requires("workspace.read"),
  request: { params: workflowParams, body: jsonRequest(validateRequestSchema) },
  responses: { 200: jsonAnswer(validationSchema, "The faults") },
});

const restore = createRoute({
  method: "put",
  path: "/workflows/{id}/restore/{versionId}",
  tags,
  summary: "Make a version's content the draft again, as a new version",
  middleware: requires("workflows.edit"),
  request: { params: restoreParams, headers: ifMatchHeaders },
  responses: { 200: jsonAnswer(restoredSchema, "The workflow, with the version that the restore made") },
});

export const workflowRoutes = createRouter()
  .openapi(list, async (c) => c.json(await listWorkflows(c.var.ctx, c.req.valid("query")), 200))
  .openapi(names, async (c) => c.json(await listNames(c.var.ctx, c.req.valid("query")), 200))
  .openapi(create, async (c) => {
    const { name, description, nodes, edges, agents, settings } = c.req.valid("json");
    const definition = { nodes, edges, agents, settings };
    const view = await createWorkflow(c.var.ctx, { name, description, definition });
    c.header("ETag", `"${view.revision}"`);
    return c.json(view, 201);
  })
  .openapi(read, async (c) => {
    const { view } = await getWorkflow(c.var.ctx, c.req.valid("param").id);
    c.header("ETag", `"${view.revision}"`);
    return c.json(view, 200);
  })
  .openapi(save, async (c) => {
    const { name, description, nodes, edges, agents, settings } = c.req.valid("json");
    const view = await saveWorkflow(c.var.ctx, {
      workflowId: c.req.valid("param").id,
      name,
      description,
      definition: { nodes, edges, agents, settings },
      expectedRevision: revisionOf(c.req.valid("header")["if-match"]),
    });
    tellWatchers(c, view);
    c.header("ETag", `"${view.revision}"`);
    return c.json(view, 200);
  })
  .openapi(remove, async (c) => {
    await deleteWorkflow(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(restore, async (c) => {
    const { id, versionId } = c.req.valid("param");
    const expectedRevision = revisionOf(c.req.valid("header")["if-match"]);
    const { workflow, ...rest } = await restoreVersion(c.var.ctx, id, versionId, expectedRevision);
    tellWatchers(c, workflow);
    c.header("ETag", `"${workflow.revision}"`);
    return c.json({ ...workflow, ...rest }, 200);
  })
  .openapi(validate, async (c) => {
    const draft = await getWorkflow(c.var.ctx, c.req.valid("param").id);
    const sent = c.req.valid("json").definition;
    return c.json(sent ? validateWorkflow(sent) : validateWorkflow(draft.definition, draft.losses), 200);
  });

/** Behind the answer: nobody who saves waits for those who watch. */
function tellWatchers(c: Context<AppEnv>, draft: { id: string; revision: number }): void {
  const { ctx } = c.var;
  c.executionCtx.waitUntil(tellDrafts(ctx, c.env.LIVE_FEED.getByName(ctx.workspaceId), [draft]));
}
