/** What a member may be, from the least to the most that he may do. */
export const ROLES = ["viewer", "editor", "owner"] as const;

export type Role = (typeof ROLES)[number];

const EVERYONE = ROLES;
const EDITORS = ["editor", "owner"] as const;
const OWNERS = ["owner"] as const;

/** Who may do what, all of it. A route names its capability and asks {@link can}. */
const POLICY = {
  /** See workflows, versions, executions, schedules, costs. */
  "workspace.read": EVERYONE,
  /** Save, commit, tag, restore, clone. */
  "workflows.edit": EDITORS,
  "workflows.delete": OWNERS,
  /** Execute, cancel, retry. */
  "executions.run": EDITORS,
  /** Schedules, webhooks and their secrets. */
  "triggers.edit": EDITORS,
  "knowledge.edit": EDITORS,
  /** Import and export. */
  "transfer.run": EDITORS,
  /** One's own API keys. */
  "keys.own": EVERYONE,
  /** API keys of others. */
  "keys.all": OWNERS,
  "members.manage": OWNERS,
  "credentials.manage": OWNERS,
  "prices.manage": OWNERS,
  "budgets.manage": OWNERS,
  "breakers.reset": OWNERS,
  "settings.manage": OWNERS,
} as const satisfies Record<string, readonly Role[]>;

export type Capability = keyof typeof POLICY;

/** Whether a member with this role may do this. */
export function can(role: Role, capability: Capability): boolean {
  const allowed: readonly Role[] = POLICY[capability];
  return allowed.includes(role);
}

/** The weaker of two roles: a key never outranks its maker, whatever the maker was when it was made. */
export function lesserRole(one: Role, other: Role): Role {
  return ROLES.indexOf(one) <= ROLES.indexOf(other) ? one : other;
}

/** Whether `role` stands above `limit`. */
export function outranks(role: Role, limit: Role): boolean {
  return ROLES.indexOf(role) > ROLES.indexOf(limit);
}
