import { createRoute, z } from "@hono/zod-openapi";
import { isoTime } from "../core/clock.ts";
import { pageQueryFields } from "../core/pagination.ts";
import { errorAnswer, jsonAnswer, jsonRequest, pageSchema } from "../http/answers.ts";
import { createRouter } from "../http/app.ts";
import { requires } from "../http/authorize.ts";
import { publicOrigin } from "../http/origin.ts";
import { addMember } from "./add-member.ts";
import { changeMemberRole } from "./change-member-role.ts";
import { memberInput, memberRoleInput, roleSchema } from "./inputs.ts";
import { memberCtx } from "./member-ctx.ts";
import { listMembers, type Member } from "./members.ts";
import { createPasswordReset } from "./password-reset.ts";
import { removeMember } from "./remove-member.ts";

const memberSchema = z
  .object({
    id: z.string(),
    userId: z.string(),
    name: z.string(),
    email: z.string(),
    role: roleSchema,
    createdAt: z.string(),
  })
  .openapi("Member");

const byId = z.object({ id: z.string() });
const owner = { tags: ["Workspace"], middleware: requires("members.manage") };

const list = createRoute({
  ...owner,
  method: "get",
  path: "/members",
  summary: "Who belongs to the workspace",
  request: { query: z.object(pageQueryFields) },
  responses: { 200: jsonAnswer(pageSchema(memberSchema), "Members, in the order of joining"), default: errorAnswer },
});

const add = createRoute({
  ...owner,
  method: "post",
  path: "/members",
  summary: "Let somebody in who has an account here: in the workspace of the installation's owner only",
  request: { body: jsonRequest(memberInput) },
  responses: { 201: jsonAnswer(memberSchema, "The new member"), default: errorAnswer },
});

const change = createRoute({
  ...owner,
  method: "put",
  path: "/members/{id}",
  summary: "Give a member another role",
  request: { params: byId, body: jsonRequest(memberRoleInput) },
  responses: { 200: jsonAnswer(memberSchema, "The member"), default: errorAnswer },
});

const remove = createRoute({
  ...owner,
  method: "delete",
  path: "/members/{id}",
  summary: "Take a member out: sessions here and API keys end at once",
  request: { params: byId },
  responses: { 204: { description: "No member any more" }, default: errorAnswer },
});

const reset = createRoute({
  ...owner,
  method: "post",
  path: "/members/{id}/password-reset",
  summary: "Make a one-time link with which a member sets a new password",
  request: { params: byId },
  responses: {
    201: jsonAnswer(z.object({ link: z.string(), expiresAt: z.string() }), "The link, this once only"),
    default: errorAnswer,
  },
});

export const memberRoutes = createRouter()
  .openapi(list, async (c) => {
    const page = await listMembers(c.var.ctx, c.req.valid("query"));
    return c.json({ ...page, items: page.items.map(shown) }, 200);
  })
  .openapi(add, async (c) => c.json(shown(await addMember(c.var.ctx, c.req.valid("json"))), 201))
  .openapi(change, async (c) => {
    const member = await changeMemberRole(c.var.ctx, c.req.valid("param").id, c.req.valid("json").role);
    return c.json(shown(member), 200);
  })
  .openapi(remove, async (c) => {
    await removeMember(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(reset, async (c) => {
    const { token, expiresAt } = await createPasswordReset(memberCtx(c.var), c.req.valid("param").id);
    return c.json({ link: `${publicOrigin(c)}/reset/${token}`, expiresAt: isoTime(expiresAt) }, 201);
  });

function shown(member: Member) {
  return { ...member, createdAt: isoTime(member.createdAt) };
}
