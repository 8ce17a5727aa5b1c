import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { openDb } from "../db/client.ts";
import { settingsOf } from "../env.ts";
import { openEngine } from "../executions/index.ts";
import { jsonAnswer } from "../http/answers.ts";
import { type AppEnv, createRouter } from "../http/app.ts";
import { refusalOf } from "../http/errors.ts";
import { ownerWorkspaceId } from "../http/installation.ts";
import { STATUS } from "../http/status.ts";
import type { Door } from "./door.ts";
import { openGates } from "./gates.ts";
import { doorParams, endedSchema, triggeredSchema } from "./inputs.ts";
import { trigger } from "./trigger.ts";

/** Before the request is validated: whatever is wrong with it, the answer has the envelope of this route. */
const callsEnvelope = createMiddleware<AppEnv>(async (c, next) => {
  c.set("besideError", { success: false });
  await next();
});

const call = createRoute({
  method: "post",
  path: "/webhooks/trigger/{workflowId}/{secretKey}",
  tags: ["Webhooks"],
  summary: "A call of a webhook, by whoever knows its address: starts an execution",
  security: [],
  middleware: callsEnvelope,
  request: {
    params: doorParams,
    // Validated where the other refusals of a call are, so that its owner sees this one too.
    query: z.object({
      wait: z
        .union([z.string(), z.array(z.string())])
        .optional()
        .openapi({ type: "string", description: "Seconds to wait for the result, 25 at most" }),
    }),
    body: {
      required: false,
      description: "JSON of any kind, or a form; 100 KB at most",
      content: { "application/*": { schema: z.unknown().openapi({ type: "object" }) } },
    },
  },
  responses: {
    202: jsonAnswer(triggeredSchema, "Started"),
    200: jsonAnswer(
      z.union([triggeredSchema, endedSchema]),
      "What an earlier call with this delivery id started, or how the execution ended within `wait`",
    ),
  },
});

/** No session and no check of the origin: the secret in the address is the only right that a caller has. */
export const triggerRoutes = createRouter().openapi(call, async (c) => {
  const { workflowId, secretKey } = c.req.valid("param");
  const { raw } = c.req;
  const answer = await trigger(doorOf(c), {
    workflowId,
    secretKey,
    ip: raw.headers.get("CF-Connecting-IP"),
    headers: raw.headers,
    body: raw.body,
    wait: c.req.valid("query").wait?.toString(),
    requestId: c.var.requestId,
  });
  for (const [name, value] of Object.entries(answer.headers)) c.header(name, value);
  if (!answer.ok) throw answer.error;
  const { executionId, kind, ended } = answer;
  const repeated = kind === "duplicate" ? { duplicate: true as const } : {};
  if (ended !== null) {
    const { status, output, outputTruncated } = ended;
    const success = status === "succeeded";
    // What an execution failed of tells of keys, budgets and models, which are no caller's business.
    const error = success ? null : { code: `execution_${status}` };
    return c.json({ success, executionId, status, output, outputTruncated, error, ...repeated }, 200);
  }
  return c.json({ success: true as const, executionId, ...repeated }, kind === "duplicate" ? 200 : 202);
});

function doorOf(c: Context<AppEnv>): Door {
  const db = openDb(c.env.DB);
  const settings = settingsOf(c.env);
  return {
    engine: openEngine({
      db,
      bindings: c.env,
      settings,
      waitUntil: (work) => c.executionCtx.waitUntil(work),
      ownerWorkspaceId: () => ownerWorkspaceId(db),
      log: c.var.log,
    }),
    settings,
    gates: openGates(c.env.WEBHOOK_GATE),
    refusalOf: (error) => {
      const { code, message } = refusalOf(error);
      return { code, message, status: STATUS[code] };
    },
  };
}
