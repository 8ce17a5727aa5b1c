import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { pageQueryFields } from "../core/pagination.ts";
import { idempotencyKey } from "../db/idempotency.ts";
import { settingsOf } from "../env.ts";
import { openEngine } from "../executions/index.ts";
import { jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { type AppEnv, createRouter } from "../http/app.ts";
import { may, requires } from "../http/authorize.ts";
import { ownerWorkspaceId } from "../http/installation.ts";
import { publicOrigin } from "../http/origin.ts";
import { listCalls, readCall } from "./calls.ts";
import { createWebhook } from "./create-webhook.ts";
import { deleteWebhook } from "./delete-webhook.ts";
import { openGates } from "./gates.ts";
import {
  callPayloadSchema,
  callsSchema,
  ofCall,
  ofWebhook,
  ofWorkflow,
  regenerateSchema,
  startedSchema,
  testedSchema,
  testSchema,
  webhookInputSchema,
  webhookSchema,
} from "./inputs.ts";
import { getWebhook, listWebhooks } from "./list-webhooks.ts";
import { regenerateSecret } from "./regenerate-secret.ts";
import { replayCall, testWebhook } from "./run-payload.ts";
import { updateWebhook } from "./update-webhook.ts";
import type { Viewer } from "./view.ts";

const tags = ["Webhooks"];
/** A test and a replay start something: sent twice, they should not do it twice. */
const repeatable = z.object({ "idempotency-key": z.string().optional() });

const list = createRoute({
  method: "get",
  path: "/workflows/{id}/webhooks",
  tags,
  summary: "A workflow's webhooks, newest first. Viewers see no secrets",
  middleware: requires("workspace.read"),
  request: { params: ofWorkflow, query: z.object(pageQueryFields) },
  responses: { 200: jsonAnswer(pageSchema(webhookSchema), "A page of webhooks") },
});

const create = createRoute({
  method: "post",
  path: "/workflows/{id}/webhooks",
  tags,
  summary: "Create a webhook",
  middleware: requires("triggers.edit"),
  request: { params: ofWorkflow, body: jsonRequest(webhookInputSchema) },
  responses: { 201: jsonAnswer(webhookSchema, "The webhook with its address") },
});

const read = createRoute({
  method: "get",
  path: "/webhooks/{id}",
  tags,
  summary: "One webhook. Viewers see no secrets",
  middleware: requires("workspace.read"),
  request: { params: ofWebhook },
  responses: { 200: jsonAnswer(webhookSchema, "The webhook") },
});

const update = createRoute({
  method: "put",
  path: "/webhooks/{id}",
  tags,
  summary: "Change what is given of a webhook, and keep the rest",
  middleware: requires("triggers.edit"),
  request: { params: ofWebhook, body: jsonRequest(webhookInputSchema) },
  responses: { 200: jsonAnswer(webhookSchema, "The webhook") },
});

const remove = createRoute({
  method: "delete",
  path: "/webhooks/{id}",
  tags,
  summary: "Delete a webhook",
  middleware: requires("triggers.edit"),
  request: { params: ofWebhook },
  responses: { 204: { description: "Deleted" } },
});

const regenerate = createRoute({
  method: "post",
  path: "/webhooks/{id}/regenerate",
  tags,
  summary: "Give a webhook a new secret. The old one stays valid for graceSeconds",
  middleware: requires("triggers.edit"),
  request: { params: ofWebhook, body: jsonRequest(regenerateSchema) },
  responses: { 200: jsonAnswer(webhookSchema, "The webhook with its new address") },
});

const test = createRoute({
  method: "post",
  path: "/webhooks/{id}/test",
  tags,
  summary: "Run a payload, or an earlier call's, as if it had come to the webhook",
  middleware: requires("triggers.edit"),
  request: { params: ofWebhook, headers: repeatable, body: jsonRequest(testSchema) },
  responses: {
    200: jsonAnswer(testedSchema, "The input that the mapping makes, and the execution unless it was a dry run"),
  },
});

const calls = createRoute({
  method: "get",
  path: "/webhooks/{id}/calls",
  tags,
  summary: "The last calls, refused ones too, and how many came with a wrong secret",
  middleware: requires("workspace.read"),
  request: { params: ofWebhook },
  responses: {
    200: jsonAnswer(callsSchema, "At most ten that were let in and ten that were not"),
  },
});

const call = createRoute({
  method: "get",
  path: "/webhooks/{id}/calls/{callId}",
  tags,
  summary: "One of the last calls with its whole payload",
  middleware: requires("triggers.edit"),
  request: { params: ofCall },
  responses: { 200: jsonAnswer(callPayloadSchema, "The payload, as the mapping is given it") },
});

const replay = createRoute({
  method: "post",
  path: "/webhooks/{id}/calls/{callId}/replay",
  tags,
  summary: "Start an execution with an earlier call's payload",
  middleware: requires("triggers.edit"),
  request: { params: ofCall, headers: repeatable },
  responses: { 202: jsonAnswer(startedSchema, "Started") },
});

export const webhookRoutes = createRouter()
  .openapi(list, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await listWebhooks(c.var.ctx, settingsOf(c.env), id, c.req.valid("query"), viewerOf(c)), 200);
  })
  .openapi(create, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await createWebhook(c.var.ctx, settingsOf(c.env), id, c.req.valid("json"), viewerOf(c)), 201);
  })
  .openapi(read, async (c) => {
    return c.json(await getWebhook(c.var.ctx, settingsOf(c.env), c.req.valid("param").id, viewerOf(c)), 200);
  })
  .openapi(update, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await updateWebhook(c.var.ctx, settingsOf(c.env), id, c.req.valid("json"), viewerOf(c)), 200);
  })
  .openapi(remove, async (c) => {
    await deleteWebhook(c.var.ctx, openGates(c.env.WEBHOOK_GATE), c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(regenerate, async (c) => {
    const { id } = c.req.valid("param");
    const { graceSeconds } = c.req.valid("json");
    return c.json(await regenerateSecret(c.var.ctx, settingsOf(c.env), id, graceSeconds, viewerOf(c)), 200);
  })
  .openapi(test, async (c) => {
    const { id } = c.req.valid("param");
    const body = c.req.valid("json");
    const key = await idempotencyKey(`POST /webhooks/${id}/test`, c.req.valid("header")["idempotency-key"], body);
    const tested = await testWebhook(c.var.ctx, portsOf(c), id, body, key);
    return c.json({ success: true as const, ...tested }, 200);
  })
  .openapi(calls, async (c) => {
    return c.json(await listCalls(c.var.ctx, openGates(c.env.WEBHOOK_GATE), c.req.valid("param").id), 200);
  })
  .openapi(call, async (c) => {
    const { id, callId } = c.req.valid("param");
    return c.json(await readCall(c.var.ctx, openGates(c.env.WEBHOOK_GATE), id, callId), 200);
  })
  .openapi(replay, async (c) => {
    const { id, callId } = c.req.valid("param");
    const route = `POST /webhooks/${id}/calls/${callId}/replay`;
    const key = await idempotencyKey(route, c.req.valid("header")["idempotency-key"], null);
    return c.json(await replayCall(c.var.ctx, portsOf(c), id, callId, key), 202);
  });

function viewerOf(c: Context<AppEnv>): Viewer {
  return { seesSecrets: may(c, "triggers.edit"), origin: publicOrigin(c) };
}

function portsOf(c: Context<AppEnv>) {
  const { db } = c.var.ctx;
  const engine = openEngine({
    db,
    bindings: c.env,
    settings: settingsOf(c.env),
    waitUntil: (work) => c.executionCtx.waitUntil(work),
    ownerWorkspaceId: () => ownerWorkspaceId(db),
    log: c.var.log,
  });
  return { engine, gates: openGates(c.env.WEBHOOK_GATE) };
}
