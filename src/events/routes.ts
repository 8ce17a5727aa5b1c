import { createRoute } from "@hono/zod-openapi";
import { jsonAnswer, pageSchema } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { eventQuery, eventSchema } from "./inputs.ts";
import { listEvents } from "./list-events.ts";

const list = createRoute({
  method: "get",
  path: "/events",
  tags: ["Workspace"],
  summary: "What a person should know: budget alerts, paused schedules, rotated secrets; newest first",
  middleware: requires("workspace.read"),
  request: { query: eventQuery },
  responses: { 200: jsonAnswer(pageSchema(eventSchema), "A page of events") },
});

export const eventRoutes = createRouter().openapi(list, async (c) =>
  c.json(await listEvents(c.var.ctx, c.req.valid("query")), 200),
);
