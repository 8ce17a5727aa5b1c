import type { Ctx } from "../db/context.ts";
import type { MemberCtx } from "./accounts-ctx.ts";
import type { Identity } from "./identify.ts";

/** The context of a verb that asks who the caller is, from what `requires(...)` left on the request. */
export function memberCtx({ ctx, identity }: { ctx: Ctx; identity: Identity }): MemberCtx {
  return { ...ctx, userId: identity.userId, role: identity.role, via: identity.via };
}
