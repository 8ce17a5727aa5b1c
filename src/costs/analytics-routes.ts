import { createRoute, z } from "@hono/zod-openapi";
import { jsonAnswer, jsonRequest } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import {
  analyticsQuery,
  costsSchema,
  expensiveQuery,
  expensiveSchema,
  rebuildSchema,
  rebuiltSchema,
  trendsQuery,
  trendsSchema,
  usageSchema,
} from "./analytics-inputs.ts";
import { exportLedger } from "./export-ledger.ts";
import { readCosts } from "./read-costs.ts";
import { readExpensiveWorkflows } from "./read-expensive-workflows.ts";
import { readTrends } from "./read-trends.ts";
import { readUsage } from "./read-usage.ts";
import { rebuildOwn } from "./rebuild-own.ts";

const tags = ["Costs"];

const costs = createRoute({
  method: "get",
  path: "/analytics/costs",
  tags,
  summary: "What was spent, in all and by workflow, provider, model and role",
  middleware: requires("workspace.read"),
  request: { query: analyticsQuery },
  responses: { 200: jsonAnswer(costsSchema, "The costs") },
});

const usage = createRoute({
  method: "get",
  path: "/analytics/usage",
  tags,
  summary: "Tokens by class, in all and by workflow, provider, model and role",
  middleware: requires("workspace.read"),
  request: { query: analyticsQuery },
  responses: { 200: jsonAnswer(usageSchema, "The tokens") },
});

const trends = createRoute({
  method: "get",
  path: "/analytics/trends",
  tags,
  summary: "Costs by hour (at most 400 days), day, week or month of a time zone, without holes",
  middleware: requires("workspace.read"),
  request: { query: trendsQuery },
  responses: { 200: jsonAnswer(trendsSchema, "The costs of each") },
});

const expensive = createRoute({
  method: "get",
  path: "/analytics/expensive-workflows",
  tags,
  summary: "The workflows that cost the most, the dearest first",
  middleware: requires("workspace.read"),
  request: { query: expensiveQuery },
  responses: { 200: jsonAnswer(expensiveSchema, "The workflows") },
});

/** A string of any kind to the compiler, which holds who answers a literal text type to text that is not streamed. */
const CSV: string = "text/csv";

const exported = createRoute({
  method: "get",
  path: "/analytics/export",
  tags,
  summary: "The calls themselves as CSV, one row a call",
  middleware: requires("workspace.read"),
  request: { query: analyticsQuery },
  responses: { 200: { description: "The file", content: { [CSV]: { schema: z.string() } } } },
});

const rebuild = createRoute({
  method: "post",
  path: "/analytics/rebuild",
  tags,
  summary:
    "Make the sums of the workspace anew from its calls, some days at a time: go on with `next` until it is null",
  middleware: requires("settings.manage"),
  request: { body: jsonRequest(rebuildSchema) },
  responses: { 200: jsonAnswer(rebuiltSchema, "How far it came") },
});

export const analyticsRoutes = createRouter()
  .openapi(costs, async (c) => c.json(await readCosts(c.var.ctx, c.req.valid("query")), 200))
  .openapi(usage, async (c) => c.json(await readUsage(c.var.ctx, c.req.valid("query")), 200))
  .openapi(trends, async (c) => c.json(await readTrends(c.var.ctx, c.req.valid("query")), 200))
  .openapi(expensive, async (c) => c.json(await readExpensiveWorkflows(c.var.ctx, c.req.valid("query")), 200))
  .openapi(rebuild, async (c) => c.json(await rebuildOwn(c.var.ctx, c.req.valid("json")), 200))
  .openapi(exported, async (c) => {
    const { filename, body } = await exportLedger(c.var.ctx, c.req.valid("query"));
    return new Response(body, {
      headers: {
        "Content-Type": "text/csv; charset=utf-8; header=present",
        "Content-Disposition": `attachment; filename="${filename}"`,
        "X-Content-Type-Options": "nosniff",
      },
    });
  });
