import { createRoute, z } from "@hono/zod-openapi";
import { pageQueryFields } from "../core/pagination.ts";
import { idempotencyKey } from "../db/idempotency.ts";
import { settingsOf } from "../env.ts";
import { r2Outputs } from "../executions/index.ts";
import { jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { workflowSchema } from "../workflows/index.ts";
import { getExport, listExports, openExport } from "./bulk-read.ts";
import { startBulkExport } from "./bulk-start.ts";
import { cloneWorkflow } from "./clone-workflow.ts";
import { bulkExportSchema, bulkStartedSchema, cloneSchema, exportQuery, exportSchema } from "./export-options.ts";
import { exportWorkflow } from "./export-workflow.ts";
import { importPorts } from "./import-ports.ts";
import { attachment } from "./rules/file-name.ts";

const tags = ["Transfer"];
const params = z.object({ id: z.string().max(64) });

/** Strings of any kind to the compiler, which holds who answers a literal type to what is not streamed. */
const JSON_FILE: string = "application/json";
const ZIP_FILE: string = "application/zip";

const exported = createRoute({
  method: "get",
  path: "/workflows/{id}/export",
  tags,
  summary: "One workflow as a file. X-Secret-Findings counts what in it looks like a secret",
  middleware: requires("transfer.run"),
  request: { params, query: exportQuery },
  responses: {
    200: {
      description: "The file",
      headers: z.object({ "X-Secret-Findings": z.string() }),
      content: {
        [JSON_FILE]: { schema: z.record(z.string(), z.unknown()) },
        [ZIP_FILE]: { schema: z.string().openapi({ format: "binary" }) },
      },
    },
  },
});

const bulk = createRoute({
  method: "post",
  path: "/workflows/bulk-export",
  tags,
  summary: "Begin an export of many workflows into one archive",
  middleware: requires("transfer.run"),
  request: { body: jsonRequest(bulkExportSchema) },
  responses: { 202: jsonAnswer(bulkStartedSchema, "Begun: GET /exports/{id} tells how far it is") },
});

const list = createRoute({
  method: "get",
  path: "/exports",
  tags,
  summary: "Bulk exports, newest first",
  middleware: requires("workspace.read"),
  request: { query: z.object(pageQueryFields) },
  responses: { 200: jsonAnswer(pageSchema(exportSchema), "A page of exports") },
});

const read = createRoute({
  method: "get",
  path: "/exports/{id}",
  tags,
  summary: "How far a bulk export is",
  middleware: requires("workspace.read"),
  request: { params },
  responses: { 200: jsonAnswer(exportSchema, "The export") },
});

const download = createRoute({
  method: "get",
  path: "/exports/{id}/download",
  tags,
  summary: "The file of a bulk export, for seven days",
  middleware: requires("workspace.read"),
  request: { params },
  responses: {
    200: { description: "The archive", content: { [ZIP_FILE]: { schema: z.string().openapi({ format: "binary" }) } } },
  },
});

const clone = createRoute({
  method: "post",
  path: "/workflows/{id}/clone",
  tags,
  summary: "Make another workflow of the draft: schedules paused, webhooks disabled and with secrets of their own",
  middleware: requires("workflows.edit"),
  description: "With an Idempotency-Key that was used within a day it answers the workflow that was made then.",
  request: { params, body: jsonRequest(cloneSchema) },
  responses: { 201: jsonAnswer(workflowSchema, "The new workflow") },
});

export const exportRoutes = createRouter()
  .openapi(exported, async (c) => {
    const { format, strict, ...options } = c.req.valid("query");
    const request = { workflowId: c.req.valid("param").id, options, format, strict };
    const { name, body, secretFindings } = await exportWorkflow(
      c.var.ctx,
      { outputs: r2Outputs(c.env.OUTPUTS) },
      request,
    );
    return new Response(body, {
      headers: {
        "Content-Type": format === "zip" ? ZIP_FILE : JSON_FILE,
        "Content-Disposition": attachment(name, format),
        "X-Secret-Findings": String(secretFindings),
      },
    });
  })
  .openapi(bulk, async (c) => {
    const send = (message: Parameters<typeof c.env.EXECUTIONS.send>[0]) => c.env.EXECUTIONS.send(message);
    return c.json(await startBulkExport(c.var.ctx, send, c.req.valid("json")), 202);
  })
  .openapi(list, async (c) => c.json(await listExports(c.var.ctx, c.req.valid("query")), 200))
  .openapi(read, async (c) => c.json(await getExport(c.var.ctx, c.req.valid("param").id), 200))
  .openapi(download, async (c) => {
    const file = await openExport(c.var.ctx, c.env.EXPORTS, c.req.valid("param").id);
    return new Response(file.body, {
      headers: {
        "Content-Type": ZIP_FILE,
        "Content-Length": String(file.sizeBytes),
        "Content-Disposition": attachment(file.name, "zip"),
      },
    });
  })
  .openapi(clone, async (c) => {
    const ports = { ...importPorts(settingsOf(c.env)), outputs: r2Outputs(c.env.OUTPUTS) };
    const { name } = c.req.valid("json");
    const workflowId = c.req.valid("param").id;
    const header = c.req.header("Idempotency-Key");
    const key = await idempotencyKey("POST /workflows/clone", header, { workflowId, name });
    return c.json(await cloneWorkflow(c.var.ctx, ports, { workflowId, name, idempotencyKey: key }), 201);
  });
