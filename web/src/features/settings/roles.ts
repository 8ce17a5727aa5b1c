import type { Role } from "../../api/client.ts";

/** From the least to the most that one may do, with what each adds. */
export const ROLES = [
  { value: "viewer", label: "Viewer", description: "Sees workflows, executions, schedules and costs" },
  {
    value: "editor",
    label: "Editor",
    description: "Also saves, commits and runs, and edits schedules, webhooks and knowledge",
  },
  {
    value: "owner",
    label: "Owner",
    description: "Also manages members, credentials, prices, budgets and settings, and deletes workflows",
  },
] as const satisfies readonly { value: Role; label: string; description: string }[];

/** A role as people write it. */
export function roleWord(role: Role): string {
  return ROLES.find(({ value }) => value === role)?.label ?? role;
}

/** The role behind an input's value; null for what is none. */
export function roleOf(value: string | null): Role | null {
  return ROLES.find((role) => role.value === value)?.value ?? null;
}

/** The roles up to one's own: nobody gives what he does not have. */
export function rolesUpTo(role: Role) {
  return ROLES.slice(0, ROLES.findIndex(({ value }) => value === role) + 1);
}
