export type { AccountsCtx } from "./accounts-ctx.ts";
export { standingTo } from "./found-workspace.ts";
export {
  type Credentials,
  type Identified,
  type Identity,
  identify,
  identifySession,
  type SignedIn,
} from "./identify.ts";
export { noteKeyUse } from "./note-key-use.ts";
export { roleNow } from "./role-now.ts";
export { type Capability, can, ROLES, type Role } from "./roles.ts";
export { isCrossSite, isForeign } from "./rules/cross-site.ts";
export { isSecure } from "./session-cookie.ts";
export { pruneSignInFailures } from "./sign-in-guard.ts";
export { installationOwner } from "./sign-up.ts";
