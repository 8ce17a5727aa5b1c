import { createRoute, z } from "@hono/zod-openapi";
import { isoTime } from "../core/clock.ts";
import { pageQueryFields } from "../core/pagination.ts";
import { errorAnswer, jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { credentialsOf, requires, unauthenticated } from "../http/authorize.ts";
import { jsonBody } from "../http/json-body.ts";
import { publicOrigin } from "../http/origin.ts";
import { sameSite } from "../http/same-site.ts";
import { acceptInvitation, readInvitation } from "./accept-invitation.ts";
import { accountsCtx } from "./auth-routes.ts";
import { createInvitation } from "./create-invitation.ts";
import { identifySession } from "./identify.ts";
import { acceptInput, invitationInput, passwordResetInput, roleSchema } from "./inputs.ts";
import { meSchema } from "./me-routes.ts";
import { memberCtx } from "./member-ctx.ts";
import { deleteInvitation, listInvitations } from "./open-invitations.ts";
import { resetPassword } from "./password-reset.ts";
import { readMe } from "./read-me.ts";

const create = createRoute({
  method: "post",
  path: "/invitations",
  tags: ["Workspace"],
  summary: "Make a link that lets one person join",
  middleware: requires("members.manage"),
  request: { body: jsonRequest(invitationInput) },
  responses: {
    201: jsonAnswer(
      z.object({ id: z.string(), link: z.string(), role: roleSchema, expiresAt: z.string() }),
      "The link, this once only",
    ),
    default: errorAnswer,
  },
});

const openInvitationSchema = z
  .object({
    id: z.string(),
    role: roleSchema,
    createdBy: z.string(),
    createdAt: z.string(),
    expiresAt: z.string(),
  })
  .openapi("Invitation");

const list = createRoute({
  method: "get",
  path: "/invitations",
  tags: ["Workspace"],
  summary: "Invitations that wait for somebody, without their links",
  middleware: requires("members.manage"),
  request: { query: z.object(pageQueryFields) },
  responses: {
    200: jsonAnswer(pageSchema(openInvitationSchema), "Open invitations, oldest first"),
    default: errorAnswer,
  },
});

const remove = createRoute({
  method: "delete",
  path: "/invitations/{invitation}",
  tags: ["Workspace"],
  summary: "Take back an invitation that nobody has used",
  middleware: requires("members.manage"),
  request: { params: z.object({ invitation: z.string().openapi({ description: "Its id" }) }) },
  responses: { 204: { description: "Its link opens nothing any more" }, default: errorAnswer },
});

const read = createRoute({
  method: "get",
  path: "/invitations/{invitation}",
  tags: ["Workspace"],
  summary: "What an invitation link offers: for whoever holds it",
  request: {
    params: z.object({ invitation: z.string().openapi({ description: "The token that its link ends with" }) }),
  },
  responses: {
    200: jsonAnswer(
      z.object({ workspaceName: z.string(), role: roleSchema, expiresAt: z.string() }),
      "The invitation, while it can be used",
    ),
    default: errorAnswer,
  },
});

const accept = createRoute({
  method: "post",
  path: "/invitations/accept",
  tags: ["Workspace"],
  summary: "Join by an invitation link while signed in",
  middleware: [sameSite, jsonBody] as const,
  request: { body: jsonRequest(acceptInput) },
  responses: { 200: jsonAnswer(meSchema, "The caller, in the new workspace"), default: errorAnswer },
});

const reset = createRoute({
  method: "post",
  path: "/password-reset",
  tags: ["Accounts"],
  summary: "Set a new password by a one-time link; ends the person's sessions",
  middleware: [sameSite, jsonBody] as const,
  request: { body: jsonRequest(passwordResetInput) },
  responses: { 200: jsonAnswer(z.object({ email: z.string() }), "The email to sign in with"), default: errorAnswer },
});

export const invitationRoutes = createRouter()
  .openapi(create, async (c) => {
    const { token, expiresAt, ...made } = await createInvitation(memberCtx(c.var), c.req.valid("json"));
    return c.json({ ...made, link: `${publicOrigin(c)}/invite/${token}`, expiresAt: isoTime(expiresAt) }, 201);
  })
  .openapi(list, async (c) => {
    const page = await listInvitations(c.var.ctx, c.req.valid("query"));
    const items = page.items.map((each) => ({
      ...each,
      createdAt: isoTime(each.createdAt),
      expiresAt: isoTime(each.expiresAt),
    }));
    return c.json({ ...page, items }, 200);
  })
  .openapi(remove, async (c) => {
    await deleteInvitation(c.var.ctx, c.req.valid("param").invitation);
    return c.body(null, 204);
  })
  .openapi(read, async (c) => {
    const { workspaceName, role, expiresAt } = await readInvitation(accountsCtx(c), c.req.valid("param").invitation);
    return c.json({ workspaceName, role, expiresAt: isoTime(expiresAt) }, 200);
  })
  .openapi(accept, async (c) => {
    const person = await identifySession(credentialsOf(c));
    if (person === null) throw unauthenticated();
    const ctx = accountsCtx(c);
    const workspaceId = await acceptInvitation(ctx, person, c.req.valid("json").token);
    return c.json(await readMe(ctx.db, { userId: person.userId, workspaceId }), 200);
  })
  .openapi(reset, async (c) => c.json({ email: await resetPassword(accountsCtx(c), c.req.valid("json")) }, 200));
