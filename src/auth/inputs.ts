import { z } from "@hono/zod-openapi";
import { MAX_PASSWORD, MIN_PASSWORD } from "./better-auth.ts";
import { ROLES } from "./roles.ts";

export const roleSchema = z.enum(ROLES);

const token = z.string().min(1).max(200);

/** ISO 8601 with an offset, as epoch milliseconds. */
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** The fields of better-auth's sign-up that are ours to look at. The others are better-auth's to check. */
export const signUpInput = z.looseObject({
  name: z.string().trim().min(1).max(100),
  /** The token of an invitation link. */
  invitation: token.nullish(),
  /** `SETUP_TOKEN`, which the first sign-up brings where one is set. */
  setupToken: token.nullish(),
});

/** What of a sign-in tells whose password is tried. */
export const signInInput = z.looseObject({ email: z.email().max(320), password: z.string().min(1) });

export const invitationInput = z.strictObject({ role: roleSchema, expiresAt: time.optional() });
export const acceptInput = z.strictObject({ token });
export const passwordResetInput = z.strictObject({ token, password: z.string().min(MIN_PASSWORD).max(MAX_PASSWORD) });
export const switchInput = z.strictObject({ workspaceId: z.string().min(1) });
export const memberInput = z.strictObject({ email: z.email(), role: roleSchema });
export const memberRoleInput = z.strictObject({ role: roleSchema });
export const apiKeyInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  role: roleSchema.optional(),
  /** Without it a key lives until it is deleted or its maker leaves. */
  expiresAt: time.nullish(),
});
