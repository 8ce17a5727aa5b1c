import { createRoute } from "@hono/zod-openapi";
import { idempotencyKey } from "../db/idempotency.ts";
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
/** Not among the validated headers: a typed client would have to name one that is there for repeats alone. */
const REPEATABLE = "With an Idempotency-Key that was used within a day it answers the workflow that was made then.";

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
  description: REPEATABLE,
  request: { params: templateParams },
  responses: { 201: jsonAnswer(workflowSchema, "The workflow") },
});

export const templateRoutes = createRouter()
  .openapi(list, (c) => c.json({ items: listTemplates(), nextCursor: null }, 200))
  .openapi(install, async (c) => {
    const { id } = c.req.valid("param");
    const header = c.req.header("Idempotency-Key");
    const key = await idempotencyKey("POST /templates/install", header, { id });
    return c.json(await installTemplate(c.var.ctx, importPorts(settingsOf(c.env)), { id, idempotencyKey: key }), 201);
  });
