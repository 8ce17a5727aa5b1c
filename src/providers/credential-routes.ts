import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { settingsOf } from "../env.ts";
import { jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { type AppEnv, createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { openBreakers } from "./breakers.ts";
import { PROVIDERS, type ProviderName } from "./contract.ts";
import { getCredential, listCredentials } from "./credentials.ts";
import { credentialInput, credentialTestInput, providerParams } from "./credentials-inputs.ts";
import { deleteCredential, putCredential } from "./credentials-store.ts";
import { tryCredential } from "./credentials-try.ts";

const credentialSchema = z
  .object({
    provider: z.enum(PROVIDERS),
    last4: z.string(),
    baseUrl: z.string().nullable(),
    updatedAt: z.string(),
  })
  .openapi("Credential");

const trialSchema = z
  .object({
    ok: z.boolean(),
    errorKind: z.string().optional(),
    message: z.string().optional(),
    latencyMs: z.number(),
    model: z.string(),
  })
  .openapi("CredentialTrial");

const tags = ["Providers"];
const middleware = requires("credentials.manage");
const path = "/credentials/{provider}";
const request = { params: providerParams };

const list = createRoute({
  method: "get",
  path: "/credentials",
  tags,
  summary: "The workspace's own provider keys, without the keys",
  middleware,
  responses: { 200: jsonAnswer(pageSchema(credentialSchema), "All of them, by provider") },
});

const read = createRoute({
  method: "get",
  path,
  tags,
  summary: "What is stored for a provider, without the key",
  middleware,
  request,
  responses: { 200: jsonAnswer(credentialSchema, "The credential") },
});

const put = createRoute({
  method: "put",
  path,
  tags,
  summary: "Store the workspace's own key for a provider; it is never shown again",
  middleware,
  request: { ...request, body: jsonRequest(credentialInput) },
  responses: { 200: jsonAnswer(credentialSchema, "Stored") },
});

const remove = createRoute({
  method: "delete",
  path,
  tags,
  summary: "Remove a key. Within 30 seconds nothing uses it any more",
  middleware,
  request,
  responses: { 204: { description: "Removed" } },
});

const tryOut = createRoute({
  method: "post",
  path: `${path}/test`,
  tags,
  summary: "Try the stored key with one real call of at most 16 tokens",
  middleware,
  request: { ...request, body: jsonRequest(credentialTestInput) },
  responses: { 200: jsonAnswer(trialSchema, "How the call ended, in success or not") },
});

export const credentialRoutes = createRouter()
  .openapi(list, async (c) => c.json({ items: await listCredentials(c.var.ctx), nextCursor: null }, 200))
  .openapi(read, async (c) => c.json(await getCredential(c.var.ctx, c.req.valid("param").provider), 200))
  .openapi(put, async (c) => {
    const { provider } = c.req.valid("param");
    const { ctx } = c.var;
    return c.json(
      await putCredential(ctx, settingsOf(c.env), provider, c.req.valid("json"), forgetting(c, provider)),
      200,
    );
  })
  .openapi(remove, async (c) => {
    const { provider } = c.req.valid("param");
    await deleteCredential(c.var.ctx, provider, forgetting(c, provider));
    return c.body(null, 204);
  })
  .openapi(tryOut, async (c) => {
    const { provider } = c.req.valid("param");
    const { model } = c.req.valid("json");
    return c.json(await tryCredential(c.var.ctx, settingsOf(c.env), provider, model), 200);
  });

/** Each key has a breaker of its own, which nobody would ever ask again. */
function forgetting(c: Context<AppEnv>, provider: ProviderName): (credentialId: string) => void {
  const { clock, log, workspaceId } = c.var.ctx;
  const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  const breakers = openBreakers(c.env.CIRCUIT_BREAKER, { clock, log, waitUntil });
  return (credential) => waitUntil(breakers.forget({ workspaceId, provider, credential }));
}
