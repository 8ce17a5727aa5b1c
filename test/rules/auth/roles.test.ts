import { expect, test } from "vitest";
import { type Capability, can, lesserRole, outranks, ROLES, type Role } from "../../../src/auth/roles.ts";

/** Written out again by hand: a slip in the policy must not move the test with it. */
const EXPECTED = {
  "workspace.read": ["viewer", "editor", "owner"],
  "workflows.edit": ["editor", "owner"],
  "workflows.delete": ["owner"],
  "executions.run": ["editor", "owner"],
  "triggers.edit": ["editor", "owner"],
  "knowledge.edit": ["editor", "owner"],
  "transfer.run": ["editor", "owner"],
  "keys.own": ["viewer", "editor", "owner"],
  "keys.all": ["owner"],
  "members.manage": ["owner"],
  "credentials.manage": ["owner"],
  "prices.manage": ["owner"],
  "budgets.manage": ["owner"],
  "breakers.reset": ["owner"],
  "settings.manage": ["owner"],
} as const satisfies Record<Capability, readonly Role[]>;

const cases = (Object.entries(EXPECTED) satisfies [string, readonly Role[]][]).flatMap(([capability, allowed]) =>
  ROLES.map((role) => ({ capability, role, allowed: [...allowed].some((each) => each === role) })),
);

test.each(cases)("$role and $capability: $allowed", ({ capability, role, allowed }) => {
  expect(can(role, asCapability(capability))).toBe(allowed);
});

test("a key's role is the weaker of its own and its maker's", () => {
  expect(lesserRole("owner", "viewer")).toBe("viewer");
  expect(lesserRole("editor", "owner")).toBe("editor");
  expect(lesserRole("viewer", "viewer")).toBe("viewer");
});

test("a role does not outrank itself", () => {
  expect(outranks("owner", "editor")).toBe(true);
  expect(outranks("editor", "editor")).toBe(false);
  expect(outranks("viewer", "owner")).toBe(false);
});

function isCapability(text: string): text is Capability {
  return text in EXPECTED;
}

function asCapability(text: string): Capability {
  if (!isCapability(text)) throw new Error(`no capability: ${text}`);
  return text;
}
