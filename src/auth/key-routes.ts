import { createRoute, z } from "@hono/zod-openapi";
import { isoTime, isoTimeOrNull } from "../core/clock.ts";
import { pageQueryFields } from "../core/pagination.ts";
import { errorAnswer, jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { createApiKey } from "./create-api-key.ts";
import { deleteApiKey } from "./delete-api-key.ts";
import { apiKeyInput, roleSchema } from "./inputs.ts";
import { type ApiKey, listApiKeys } from "./list-api-keys.ts";
import { memberCtx } from "./member-ctx.ts";

const apiKeySchema = z
  .object({
    id: z.string(),
    userId: z.string(),
    name: z.string(),
    role: roleSchema,
    prefix: z.string(),
    createdAt: z.string(),
    expiresAt: z.string().nullable(),
    lastUsedAt: z.string().nullable().openapi({ description: "To five minutes. null before the first use" }),
  })
  .openapi("ApiKey");

const list = createRoute({
  method: "get",
  path: "/api-keys",
  tags: ["Accounts"],
  summary: "One's own API keys; an owner sees all of the workspace",
  middleware: requires("keys.own"),
  request: { query: z.object(pageQueryFields) },
  responses: { 200: jsonAnswer(pageSchema(apiKeySchema), "Keys, oldest first"), default: errorAnswer },
});

const create = createRoute({
  method: "post",
  path: "/api-keys",
  tags: ["Accounts"],
  summary: "Make an API key: in a session, not with another key",
  middleware: requires("keys.own"),
  request: { body: jsonRequest(apiKeyInput) },
  responses: {
    201: jsonAnswer(apiKeySchema.extend({ key: z.string() }), "The key, this once only"),
    default: errorAnswer,
  },
});

const remove = createRoute({
  method: "delete",
  path: "/api-keys/{id}",
  tags: ["Accounts"],
  summary: "End an API key at once",
  middleware: requires("keys.own"),
  request: { params: z.object({ id: z.string() }) },
  responses: { 204: { description: "It works no more" }, default: errorAnswer },
});

export const keyRoutes = createRouter()
  .openapi(list, async (c) => {
    const page = await listApiKeys(memberCtx(c.var), c.req.valid("query"));
    return c.json({ ...page, items: page.items.map(shown) }, 200);
  })
  .openapi(create, async (c) => {
    const { key, ...made } = await createApiKey(memberCtx(c.var), c.req.valid("json"));
    return c.json({ ...shown(made), key }, 201);
  })
  .openapi(remove, async (c) => {
    await deleteApiKey(memberCtx(c.var), c.req.valid("param").id);
    return c.body(null, 204);
  });

function shown({ createdAt, expiresAt, lastUsedAt, ...key }: ApiKey) {
  const { id, userId, name, role, prefix } = key;
  const times = {
    createdAt: isoTime(createdAt),
    expiresAt: isoTimeOrNull(expiresAt),
    lastUsedAt: isoTimeOrNull(lastUsedAt),
  };
  return { id, userId, name, role, prefix, ...times };
}
