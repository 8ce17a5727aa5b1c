import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { betterAuth } from "better-auth/minimal";
import { createAccessControl } from "better-auth/plugins/access";
import { organization } from "better-auth/plugins/organization";
import { asc, eq } from "drizzle-orm";
import type { Ids } from "../core/ids.ts";
import type { Logger } from "../core/log.ts";
import type { Db } from "../db/client.ts";
import {
  accounts,
  emailInvitations,
  installation,
  members,
  NEVER_OWNER,
  sessions,
  users,
  verifications,
  workspaces,
} from "./schema.ts";
import { isSecure } from "./session-cookie.ts";

/** At least this many characters in a password, as NIST SP 800-63B asks of one that people choose. */
export const MIN_PASSWORD = 8;
export const MAX_PASSWORD = 128;

const DAY_SECONDS = 86_400;
const SESSION_SECONDS = 7 * DAY_SECONDS;

/** When a session that ends at `expiresAt` is old enough to be prolonged. Both in epoch milliseconds. */
export function sessionAgesAt(expiresAt: number): number {
  return expiresAt - (SESSION_SECONDS - DAY_SECONDS) * 1000;
}

/** A guesser gets this many tries at an address in a row, then waits for a quiet minute. */
const GUESSING_RULE = { window: 60, max: 30 };
/** The addresses of this machine: whoever sits here owns the database anyway. */
const LOOPBACK: ReadonlySet<string | null> = new Set([null, "127.0.0.1", "::1"]);

export interface AuthOptions {
  db: Db;
  ids: Ids;
  log: Logger;
  secret: string;
  /** Where people reach this installation: an origin. */
  baseUrl: string;
  /** Whether anybody may sign up, and so make workspaces too. */
  openSignup: boolean;
  /** Whether the installation may become that of an account which this request makes. */
  mayOwn?: boolean;
}

export type Auth = ReturnType<typeof createAuth>;

const permissions = createAccessControl({
  organization: ["update", "delete"],
  member: ["create", "update", "delete"],
  invitation: ["create", "cancel"],
});

/** What better-auth's own role checks let through. Members and invitations are ours alone (`rules/auth-paths.ts`). */
const roles = {
  owner: permissions.newRole({ organization: ["update"] }),
  editor: permissions.newRole({ organization: [] }),
  viewer: permissions.newRole({ organization: [] }),
};

/** better-auth for one request: accounts with passwords, sessions, and workspaces as its organizations. */
export function createAuth({ db, ids, log, secret, baseUrl, openSignup, mayOwn = true }: AuthOptions) {
  return betterAuth({
    appName: "Swarm",
    secret,
    baseURL: baseUrl,
    basePath: "/api/auth",
    telemetry: { enabled: false },
    logger: { level: "error", log: (level, message) => log.log(level, "Auth", message) },
    database: drizzleAdapter(db.orm, {
      provider: "sqlite",
      schema: {
        user: users,
        session: sessions,
        account: accounts,
        verification: verifications,
        workspace: workspaces,
        member: members,
        invitation: emailInvitations,
      },
    }),
    emailAndPassword: { enabled: true, minPasswordLength: MIN_PASSWORD, maxPasswordLength: MAX_PASSWORD },
    session: { expiresIn: SESSION_SECONDS, updateAge: DAY_SECONDS },
    advanced: {
      useSecureCookies: isSecure(baseUrl),
      database: { generateId: () => ids.next() },
      // Never X-Forwarded-For: its sender writes it.
      ipAddress: { ipAddressHeaders: ["cf-connecting-ip"] },
      // Our own check stands before it and is the same for every address (`rules/cross-site.ts`).
      disableCSRFCheck: true,
    },
    rateLimit: {
      enabled: true,
      // Counts without forgetting until it is quiet for a window: a long one would lock a polling dashboard out.
      window: 1,
      max: 1000,
      customRules: Object.fromEntries(
        ["/sign-in/email", "/sign-up/email", "/change-password"].map((path) => [
          path,
          (request: Request) => (LOOPBACK.has(request.headers.get("cf-connecting-ip")) ? false : GUESSING_RULE),
        ]),
      ),
    },
    databaseHooks: {
      // Remembered in the statement that makes it: whoever is cut off right behind it signs in another day.
      account: {
        create: { before: async (account) => ({ data: { ...account, ...(mayOwn ? {} : { scope: NEVER_OWNER }) } }) },
      },
      session: {
        create: {
          before: async (session) => ({
            data: { ...session, activeOrganizationId: await firstWorkspace(db, session.userId) },
          }),
        },
      },
    },
    plugins: [
      organization({
        ac: permissions,
        roles,
        creatorRole: "owner",
        allowUserToCreateOrganization: async (user) => openSignup || (await ownsInstallation(db, user.id)),
        schema: {
          organization: { modelName: "workspace" },
          member: { fields: { organizationId: "workspaceId" } },
          invitation: { fields: { organizationId: "workspaceId" } },
          session: { fields: { activeOrganizationId: "activeWorkspaceId" } },
        },
      }),
    ],
  });
}

async function firstWorkspace(db: Db, userId: string): Promise<string | null> {
  const row = await db.orm
    .select({ workspaceId: members.workspaceId })
    .from(members)
    .where(eq(members.userId, userId))
    .orderBy(asc(members.createdAt), asc(members.id))
    .limit(1)
    .get();
  return row?.workspaceId ?? null;
}

/** Whether this person made the first account. */
export async function ownsInstallation(db: Db, userId: string): Promise<boolean> {
  const row = await db.orm
    .select({ id: installation.id })
    .from(installation)
    .where(eq(installation.ownerUserId, userId))
    .get();
  return row !== undefined;
}
