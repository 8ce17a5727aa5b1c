import { createRoute, z } from "@hono/zod-openapi";
import { pageQueryFields } from "../core/pagination.ts";
import { settingsOf } from "../env.ts";
import { jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { may, requires } from "../http/authorize.ts";
import {
  budgetChangeSchema,
  budgetParams,
  budgetSchema,
  newBudgetSchema,
  writtenBudgetSchema,
} from "./budget-inputs.ts";
import { changeBudget } from "./change-budget.ts";
import { createBudget } from "./create-budget.ts";
import { deleteBudget } from "./delete-budget.ts";
import { listBudgets, withoutAddress } from "./read-budgets.ts";

const tags = ["Costs"];
const middleware = requires("budgets.manage");
const path = "/budgets/{id}";

const list = createRoute({
  method: "get",
  path: "/budgets",
  tags,
  summary: "The budgets, with what is spent and reserved of each in its running period",
  middleware: requires("workspace.read"),
  request: { query: z.object(pageQueryFields) },
  responses: { 200: jsonAnswer(pageSchema(budgetSchema), "A page of budgets, oldest first") },
});

const create = createRoute({
  method: "post",
  path: "/budgets",
  tags,
  summary: "Limit what is spent in a day, week or month",
  middleware,
  request: { body: jsonRequest(newBudgetSchema) },
  responses: { 201: jsonAnswer(writtenBudgetSchema, "The budget, with the secret of its webhook this once only") },
});

const change = createRoute({
  method: "put",
  path,
  tags,
  summary: "Change a budget; what is left out stays",
  middleware,
  request: { params: budgetParams, body: jsonRequest(budgetChangeSchema) },
  responses: { 200: jsonAnswer(writtenBudgetSchema, "The budget") },
});

const remove = createRoute({
  method: "delete",
  path,
  tags,
  summary: "Remove a budget",
  middleware,
  request: { params: budgetParams },
  responses: { 204: { description: "Removed" } },
});

export const budgetRoutes = createRouter()
  .openapi(list, async (c) => {
    const page = await listBudgets(c.var.ctx, c.req.valid("query"));
    // The address may hold a token of its receiver's: only who may change it sees it whole.
    const items = may(c, "budgets.manage") ? page.items : page.items.map(withoutAddress);
    return c.json({ ...page, items }, 200);
  })
  .openapi(create, async (c) => {
    return c.json(await createBudget(c.var.ctx, settingsOf(c.env), c.req.valid("json")), 201);
  })
  .openapi(change, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await changeBudget(c.var.ctx, settingsOf(c.env), id, c.req.valid("json")), 200);
  })
  .openapi(remove, async (c) => {
    await deleteBudget(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  });
