import { createRoute } from "@hono/zod-openapi";
import { settingsOf } from "../env.ts";
import { jsonAnswer, pageSchema } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { workflowSchema } from "../workflows/index.ts";
import { importPorts } from "./import-ports.ts";
import { installTemplate } from "./install-template.ts";
import { listTemplates } from "./list-templates.ts";
import { templateParams, templateSchema } from "./template-inputs.ts";

const tags = ["Transfer"];

const list = createRoute({
  method: "get",
  path: "/templates",
  tags,
  summary: "Workflows to start from",
  middleware: requires("workspace.read"),
  responses: { 200: jsonAnswer(pageSchema(templateSchema), "All templates, on one page") },
});

const install = createRoute({
  method: "post",
  path: "/templates/{id}/install",
  tags,
  summary: "Make a workflow out of a template; its schedules arrive paused, its webhooks with secrets of their own",
  middleware: requires("transfer.run"),
  request: { params: templateParams },
  responses: { 201: jsonAnswer(workflowSchema, "The workflow") },
});

export const templateRoutes = createRouter()
  .openapi(list, (c) => c.json({ items: listTemplates(), nextCursor: null }, 200))
  .openapi(install, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await installTemplate(c.var.ctx, importPorts(settingsOf(c.env)), id), 201);
  });
