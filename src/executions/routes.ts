import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { idempotencyKey } from "../db/idempotency.ts";
import { settingsOf } from "../env.ts";
import { jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { type AppEnv, createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { ownerWorkspaceId } from "../http/installation.ts";
import { cancelExecution } from "./cancel-execution.ts";
import {
  attemptSchema,
  executeSchema,
  executionDetailSchema,
  executionParams,
  executionQuery,
  idempotencyHeaders,
  listedExecutionSchema,
  logSchema,
  pageQuerySchema,
  retriedSchema,
  retrySchema,
  startedSchema,
  stepParams,
} from "./inputs.ts";
import { listAttempts } from "./list-attempts.ts";
import { listExecutions } from "./list-executions.ts";
import { listLogs } from "./list-logs.ts";
import { openEngine } from "./open-engine.ts";
import { openOutput } from "./open-output.ts";
import { getExecution } from "./read-execution.ts";
import { retryExecution } from "./retry-execution.ts";
import { startExecution } from "./start-execution.ts";

const tags = ["Executions"];
const params = executionParams;

const execute = createRoute({
  method: "post",
  path: "/workflows/{id}/execute",
  tags,
  summary: "Execute a workflow: the draft, or the version asked for",
  middleware: requires("executions.run"),
  request: { params, headers: idempotencyHeaders, body: jsonRequest(executeSchema) },
  responses: { 202: jsonAnswer(startedSchema, "Started") },
});

const list = createRoute({
  method: "get",
  path: "/executions",
  tags,
  summary: "Executions, newest first",
  middleware: requires("workspace.read"),
  request: { query: executionQuery },
  responses: { 200: jsonAnswer(pageSchema(listedExecutionSchema), "A page of executions") },
});

const read = createRoute({
  method: "get",
  path: "/executions/{id}",
  tags,
  summary: "One execution with its steps",
  middleware: requires("workspace.read"),
  request: { params },
  responses: { 200: jsonAnswer(executionDetailSchema, "The execution") },
});

/** A string of any kind to the compiler, which holds who answers a literal text/plain to text that is not streamed. */
const TEXT: string = "text/plain";

const output = createRoute({
  method: "get",
  path: "/executions/{id}/steps/{nodeId}/output",
  tags,
  summary: "The whole output of a step, as text",
  middleware: requires("workspace.read"),
  request: { params: stepParams },
  responses: { 200: { description: "The text", content: { [TEXT]: { schema: z.string() } } } },
});

const logs = createRoute({
  method: "get",
  path: "/executions/{id}/logs",
  tags,
  summary: "An execution's log, oldest first",
  middleware: requires("workspace.read"),
  request: { params, query: pageQuerySchema },
  responses: { 200: jsonAnswer(pageSchema(logSchema), "A page of lines") },
});

const attempts = createRoute({
  method: "get",
  path: "/executions/{id}/attempts",
  tags,
  summary: "Every call to a provider that an execution made",
  middleware: requires("workspace.read"),
  request: { params, query: pageQuerySchema },
  responses: { 200: jsonAnswer(pageSchema(attemptSchema), "A page of attempts") },
});

const cancel = createRoute({
  method: "post",
  path: "/executions/{id}/cancel",
  tags,
  summary: "Cancel an execution",
  middleware: requires("executions.run"),
  request: { params },
  responses: { 202: jsonAnswer(executionDetailSchema, "Cancelled") },
});

const retry = createRoute({
  method: "post",
  path: "/executions/{id}/retry",
  tags,
  summary: "Run again what did not succeed, as a new execution",
  middleware: requires("executions.run"),
  request: { params, headers: idempotencyHeaders, body: jsonRequest(retrySchema) },
  responses: { 202: jsonAnswer(retriedSchema, "Started") },
});

export const executionRoutes = createRouter()
  .openapi(execute, async (c) => {
    const { id } = c.req.valid("param");
    const { input, version } = c.req.valid("json");
    const header = c.req.valid("header")["idempotency-key"];
    const key = await idempotencyKey(`POST /workflows/${id}/execute`, header, { input, version });
    const trigger = { type: "manual", id: c.var.ctx.userId } as const;
    const request = { workflowId: id, input: input ?? null, version, trigger, idempotencyKey: key };
    return c.json(await startExecution(c.var.ctx, engineOf(c), request), 202);
  })
  .openapi(list, async (c) => c.json(await listExecutions(c.var.ctx, c.req.valid("query")), 200))
  .openapi(read, async (c) => c.json(await getExecution(c.var.ctx, engineOf(c), c.req.valid("param").id), 200))
  .openapi(output, async (c) => {
    const { id, nodeId } = c.req.valid("param");
    const opened = await openOutput(c.var.ctx, engineOf(c), id, nodeId);
    // A model's text must never run as a page of this origin, whatever it says that it is.
    return new Response(opened.body, {
      headers: {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": `attachment; filename="${opened.nodeId}.txt"`,
        "X-Content-Type-Options": "nosniff",
      },
    });
  })
  .openapi(logs, async (c) => {
    return c.json(await listLogs(c.var.ctx, c.req.valid("param").id, c.req.valid("query")), 200);
  })
  .openapi(attempts, async (c) => {
    return c.json(await listAttempts(c.var.ctx, c.req.valid("param").id, c.req.valid("query")), 200);
  })
  .openapi(cancel, async (c) => {
    const { id } = c.req.valid("param");
    const engine = engineOf(c);
    await cancelExecution(c.var.ctx, engine, id);
    return c.json(await getExecution(c.var.ctx, engine, id), 202);
  })
  .openapi(retry, async (c) => {
    const { id } = c.req.valid("param");
    const { version } = c.req.valid("json");
    const key = await idempotencyKey(`POST /executions/${id}/retry`, c.req.valid("header")["idempotency-key"], {
      version,
    });
    return c.json(await retryExecution(c.var.ctx, engineOf(c), { executionId: id, version, idempotencyKey: key }), 202);
  });

function engineOf(c: Context<AppEnv>) {
  return openEngine({
    db: c.var.ctx.db,
    bindings: c.env,
    settings: settingsOf(c.env),
    waitUntil: (work) => c.executionCtx.waitUntil(work),
    ownerWorkspaceId: () => ownerWorkspaceId(c.var.ctx.db),
    log: c.var.log,
  });
}
