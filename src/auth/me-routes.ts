import { createRoute, z } from "@hono/zod-openapi";
import { eq } from "drizzle-orm";
import { createMiddleware } from "hono/factory";
import { DomainError } from "../core/errors.ts";
import { errorAnswer, jsonAnswer, jsonRequest } from "../http/answers.ts";
import { type AppEnv, createRouter } from "../http/app.ts";
import { authorize, credentialsOf, requires } from "../http/authorize.ts";
import { accountsCtx, authOf } from "./auth-routes.ts";
import { sessionAgesAt } from "./better-auth.ts";
import { identifySession } from "./identify.ts";
import { roleSchema, switchInput } from "./inputs.ts";
import { leaveWorkspace } from "./leave-workspace.ts";
import { memberCtx } from "./member-ctx.ts";
import { readMe, switchWorkspace } from "./read-me.ts";
import { sessions } from "./schema.ts";
import { settle } from "./settle.ts";

const workspaceSchema = z.object({ id: z.string(), name: z.string(), role: roleSchema });

export const meSchema = z
  .object({
    user: z.object({ id: z.string(), name: z.string(), email: z.string() }),
    workspace: workspaceSchema,
    workspaces: z.array(workspaceSchema),
  })
  .openapi("Me");

/** Lets a member through, and somebody who belongs nowhere once {@link settle} has found him a place. */
const settled = createMiddleware<AppEnv>(async (c, next) => {
  try {
    await authorize(c, "workspace.read");
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "no_workspace") throw error;
    const person = await identifySession(credentialsOf(c));
    if (person === null) throw error;
    await settle(accountsCtx(c), person.userId, eq(sessions.id, person.sessionId));
    await authorize(c, "workspace.read");
  }
  await next();
});

const me = createRoute({
  method: "get",
  path: "/me",
  tags: ["Accounts"],
  summary: "Who asks, and in which workspace",
  middleware: settled,
  responses: { 200: jsonAnswer(meSchema, "The caller; a key answers for its maker"), default: errorAnswer },
});

const enter = createRoute({
  method: "post",
  path: "/me/workspace",
  tags: ["Accounts"],
  summary: "Work in another of one's workspaces",
  middleware: requires("workspace.read"),
  request: { body: jsonRequest(switchInput) },
  responses: { 200: jsonAnswer(meSchema, "The caller, in the other workspace"), default: errorAnswer },
});

const leave = createRoute({
  method: "delete",
  path: "/me/workspace",
  tags: ["Accounts"],
  summary: "Leave the workspace that one works in: one's sessions here and API keys end at once",
  middleware: requires("workspace.read"),
  responses: { 204: { description: "No member any more" }, default: errorAnswer },
});

export const meRoutes = createRouter()
  .openapi(me, async (c) => {
    const { ctx, identity } = c.var;
    const answer = await readMe(ctx.db, identity);
    if (identity.via.kind === "session" && sessionAgesAt(identity.via.expiresAt) <= ctx.clock.now()) {
      // Nothing else prolongs the cookie: without this, people would be signed out in the middle of their work.
      const { headers } = await authOf(c, accountsCtx(c)).api.getSession({
        headers: c.req.raw.headers,
        returnHeaders: true,
      });
      for (const cookie of headers.getSetCookie()) c.header("Set-Cookie", cookie, { append: true });
    }
    // A key may do less than its maker: what is said of this workspace is what this caller may do.
    return c.json({ ...answer, workspace: { ...answer.workspace, role: identity.role } }, 200);
  })
  .openapi(enter, async (c) => {
    const { ctx, identity } = c.var;
    if (identity.via.kind !== "session") {
      throw new DomainError("forbidden", "An API key works in one workspace. Make another key in the other workspace.");
    }
    const { workspaceId } = c.req.valid("json");
    const { userId, via } = identity;
    await switchWorkspace(ctx.db, { sessionId: via.sessionId, userId, workspaceId });
    return c.json(await readMe(ctx.db, { userId, workspaceId }), 200);
  })
  .openapi(leave, async (c) => {
    await leaveWorkspace(memberCtx(c.var));
    return c.body(null, 204);
  });
