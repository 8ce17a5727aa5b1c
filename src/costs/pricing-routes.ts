import { createRoute } from "@hono/zod-openapi";
import { jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { addPrice } from "./add-price.ts";
import { listPrices } from "./list-prices.ts";
import { listUnpriced } from "./list-unpriced.ts";
import {
  newPriceSchema,
  priceQuery,
  priceRowSchema,
  repricedSchema,
  repriceQuery,
  repriceSchema,
  unpricedQuery,
  unpricedSchema,
} from "./pricing-inputs.ts";
import { reprice } from "./reprice.ts";

const tags = ["Costs"];

const list = createRoute({
  method: "get",
  path: "/pricing",
  tags,
  summary: "What models cost: the workspace's own prices, then the catalogue's, each with its history",
  middleware: requires("workspace.read"),
  request: { query: priceQuery },
  responses: { 200: jsonAnswer(pageSchema(priceRowSchema), "A page of prices") },
});

const add = createRoute({
  method: "put",
  path: "/pricing",
  tags,
  summary: "Add a price of the workspace's own, which beats the catalogue's from its date on",
  middleware: requires("prices.manage"),
  request: { body: jsonRequest(newPriceSchema) },
  responses: { 200: jsonAnswer(priceRowSchema, "The price") },
});

const unpriced = createRoute({
  method: "get",
  path: "/pricing/unpriced",
  tags,
  summary: "The models whose calls have no cost, because no price was known",
  middleware: requires("workspace.read"),
  request: { query: unpricedQuery },
  responses: { 200: jsonAnswer(pageSchema(unpricedSchema), "A page of models") },
});

const price = createRoute({
  method: "post",
  path: "/pricing/reprice",
  tags,
  summary: "Price the calls of the past that have no cost, by what their models cost then",
  middleware: requires("prices.manage"),
  request: { query: repriceQuery, body: jsonRequest(repriceSchema) },
  responses: { 200: jsonAnswer(repricedSchema, "What was priced") },
});

export const pricingRoutes = createRouter()
  .openapi(list, async (c) => c.json(await listPrices(c.var.ctx, c.req.valid("query")), 200))
  .openapi(add, async (c) => c.json(await addPrice(c.var.ctx, c.req.valid("json")), 200))
  .openapi(unpriced, async (c) => c.json(await listUnpriced(c.var.ctx, c.req.valid("query")), 200))
  .openapi(price, async (c) => {
    // What to price may stand in the address or in the body, which comes first.
    const request = { ...c.req.valid("query"), ...c.req.valid("json") };
    return c.json(await reprice(c.var.ctx, request), 200);
  });
