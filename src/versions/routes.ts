import { createRoute } from "@hono/zod-openapi";
import { jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { ifMatchHeaders, revisionOf } from "../http/if-match.ts";
import { commitVersion } from "./commit-version.ts";
import { compareVersions } from "./compare-versions.ts";
import { assertWorkflow } from "./draft-of.ts";
import {
  commitSchema,
  committedSchema,
  compareParams,
  comparisonSchema,
  ofVersion,
  ofWorkflow,
  retentionChangeSchema,
  retentionSchema,
  tagChangeSchema,
  versionDetailSchema,
  versionQuery,
  versionSchema,
} from "./inputs.ts";
import { getVersionDetail, listVersions } from "./read-versions.ts";
import { changeRetention, readRetention } from "./retention.ts";
import { tagVersion } from "./tag-version.ts";

const tags = ["Versions"];

const list = createRoute({
  method: "get",
  path: "/workflows/{id}/versions",
  tags,
  summary: "A workflow's versions with their statistics, newest first",
  middleware: requires("workspace.read"),
  request: { params: ofWorkflow, query: versionQuery },
  responses: { 200: jsonAnswer(pageSchema(versionSchema), "A page of versions") },
});

const commit = createRoute({
  method: "post",
  path: "/workflows/{id}/versions",
  tags,
  summary: "Commit the draft",
  middleware: requires("workflows.edit"),
  request: { params: ofWorkflow, headers: ifMatchHeaders, body: jsonRequest(commitSchema) },
  responses: {
    201: jsonAnswer(committedSchema, "The version"),
    200: jsonAnswer(committedSchema, "Nothing changed since the newest version, which is this one"),
  },
});

const read = createRoute({
  method: "get",
  path: "/versions/{versionId}",
  tags,
  summary: "One version with its definition",
  middleware: requires("workspace.read"),
  request: { params: ofVersion },
  responses: { 200: jsonAnswer(versionDetailSchema, "The version") },
});

const compare = createRoute({
  method: "get",
  path: "/workflows/{id}/versions/{v1}/compare/{v2}",
  tags,
  summary: "What differs between two versions: ids, numbers, tags or `draft`",
  middleware: requires("workspace.read"),
  request: { params: compareParams },
  responses: { 200: jsonAnswer(comparisonSchema, "The differences, and both sides' statistics") },
});

const tag = createRoute({
  method: "put",
  path: "/versions/{versionId}/tag",
  tags,
  summary: "Move, share or remove a tag",
  middleware: requires("workflows.edit"),
  request: { params: ofVersion, body: jsonRequest(tagChangeSchema) },
  responses: { 200: jsonAnswer(versionSchema, "The version") },
});

const settings = createRoute({
  method: "get",
  path: "/settings",
  tags: ["Workspace"],
  summary: "How much history the workspace keeps",
  middleware: requires("workspace.read"),
  responses: { 200: jsonAnswer(retentionSchema, "The settings") },
});

const change = createRoute({
  method: "put",
  path: "/settings",
  tags: ["Workspace"],
  summary: "Change how much history the workspace keeps",
  middleware: requires("settings.manage"),
  request: { body: jsonRequest(retentionChangeSchema) },
  responses: { 200: jsonAnswer(retentionSchema, "The settings") },
});

export const versionRoutes = createRouter()
  .openapi(list, async (c) => {
    const { id } = c.req.valid("param");
    await assertWorkflow(c.var.ctx, id);
    return c.json(await listVersions(c.var.ctx, id, c.req.valid("query")), 200);
  })
  .openapi(commit, async (c) => {
    const workflowId = c.req.valid("param").id;
    const expectedRevision = revisionOf(c.req.valid("header")["if-match"]);
    const commitment = { workflowId, ...c.req.valid("json"), expectedRevision };
    const { version, unchanged } = await commitVersion(c.var.ctx, commitment);
    return unchanged ? c.json({ ...version, unchanged }, 200) : c.json({ ...version, unchanged }, 201);
  })
  .openapi(read, async (c) => c.json(await getVersionDetail(c.var.ctx, c.req.valid("param").versionId), 200))
  .openapi(compare, async (c) => {
    const { id, v1, v2 } = c.req.valid("param");
    return c.json(await compareVersions(c.var.ctx, id, v1, v2), 200);
  })
  .openapi(tag, async (c) => {
    return c.json(await tagVersion(c.var.ctx, c.req.valid("param").versionId, c.req.valid("json")), 200);
  })
  .openapi(settings, async (c) => c.json(await readRetention(c.var.ctx), 200))
  .openapi(change, async (c) => c.json(await changeRetention(c.var.ctx, c.req.valid("json")), 200));
