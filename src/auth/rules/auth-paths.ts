/** What a path below `/api/auth` is: handed to better-auth, refused with a way out, or nothing at all. */
export type AuthPath = { kind: "open" } | { kind: "refused"; instead: string } | { kind: "unknown" };

/**
 * The doors of better-auth that stand open. A list of what is allowed, not of what is forbidden: an update of the library
 * may bring a door that writes roles, and it must come up closed.
 */
const OPEN: ReadonlySet<string> = new Set([
  "/sign-in/email",
  "/sign-out",
  "/get-session",
  "/list-sessions",
  "/revoke-session",
  "/revoke-sessions",
  "/revoke-other-sessions",
  "/update-user",
  "/change-password",
  "/ok",
  "/organization/list",
  "/organization/create",
  "/organization/update",
  "/organization/check-slug",
  "/organization/set-active",
  "/organization/has-permission",
]);

/** Judges a path such as `/organization/list`. `/sign-up/email` is not judged here: it has a verb of its own. */
export function judgeAuthPath(path: string): AuthPath {
  if (OPEN.has(path)) return { kind: "open" };
  if (!path.startsWith("/organization/")) return { kind: "unknown" };
  const aboutInvitations = path.includes("invit");
  return { kind: "refused", instead: aboutInvitations ? "POST /api/invitations" : "/api/members" };
}
