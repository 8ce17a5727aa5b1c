import { index, integer, sqliteTable, text, unique } from "drizzle-orm/sqlite-core";
import { ROLES } from "./roles.ts";

/** The `scope` of an account that was made without the right to the installation: it never gets it, whatever vanishes. */
export const NEVER_OWNER = "never-owner";

/** better-auth hands over and expects Dates, so the tables that it writes have this type; ours have plain numbers. */
const date = (name: string) => integer(name, { mode: "timestamp_ms" });

export const users = sqliteTable("users", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  email: text("email").notNull().unique(),
  emailVerified: integer("email_verified", { mode: "boolean" }).notNull().default(false),
  image: text("image"),
  createdAt: date("created_at").notNull(),
  updatedAt: date("updated_at").notNull(),
});

export const workspaces = sqliteTable("workspaces", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  slug: text("slug").notNull().unique(),
  logo: text("logo"),
  metadata: text("metadata"),
  createdAt: date("created_at").notNull(),
});

export const sessions = sqliteTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull(),
    token: text("token").notNull().unique(),
    activeWorkspaceId: text("active_workspace_id"),
    expiresAt: date("expires_at").notNull(),
    ipAddress: text("ip_address"),
    userAgent: text("user_agent"),
    createdAt: date("created_at").notNull(),
    updatedAt: date("updated_at").notNull(),
  },
  (table) => [index("sessions_by_user").on(table.userId)],
);

export const accounts = sqliteTable(
  "accounts",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull(),
    accountId: text("account_id").notNull(),
    providerId: text("provider_id").notNull(),
    /** better-auth's scrypt digest. */
    password: text("password"),
    accessToken: text("access_token"),
    refreshToken: text("refresh_token"),
    idToken: text("id_token"),
    accessTokenExpiresAt: date("access_token_expires_at"),
    refreshTokenExpiresAt: date("refresh_token_expires_at"),
    scope: text("scope"),
    createdAt: date("created_at").notNull(),
    updatedAt: date("updated_at").notNull(),
  },
  (table) => [index("accounts_by_user").on(table.userId)],
);

export const verifications = sqliteTable(
  "verifications",
  {
    id: text("id").primaryKey(),
    identifier: text("identifier").notNull(),
    value: text("value").notNull(),
    expiresAt: date("expires_at").notNull(),
    createdAt: date("created_at").notNull(),
    updatedAt: date("updated_at").notNull(),
  },
  (table) => [index("verifications_by_identifier").on(table.identifier)],
);

export const members = sqliteTable(
  "members",
  {
    id: text("id").primaryKey(),
    workspaceId: text("workspace_id").notNull(),
    userId: text("user_id").notNull(),
    role: text("role", { enum: ROLES }).notNull(),
    createdAt: date("created_at").notNull(),
  },
  (table) => [unique().on(table.workspaceId, table.userId), index("members_by_user").on(table.userId, table.createdAt)],
);

/** better-auth refuses to start without it. Always empty: its doors to it are shut, and ours is `invitations`. */
export const emailInvitations = sqliteTable("email_invitations", {
  id: text("id").primaryKey(),
  workspaceId: text("workspace_id").notNull(),
  email: text("email").notNull(),
  role: text("role"),
  status: text("status").notNull(),
  inviterId: text("inviter_id").notNull(),
  createdAt: date("created_at").notNull(),
  expiresAt: date("expires_at").notNull(),
});

/** At most one row: who owns the installation, and the workspace that keys from the environment serve. */
export const installation = sqliteTable("installation", {
  id: integer("id").primaryKey(),
  ownerUserId: text("owner_user_id").notNull(),
  ownerWorkspaceId: text("owner_workspace_id").notNull(),
  createdAt: integer("created_at").notNull(),
});

export const invitations = sqliteTable(
  "invitations",
  {
    id: text("id").primaryKey(),
    workspaceId: text("workspace_id").notNull(),
    tokenHash: text("token_hash").notNull().unique(),
    role: text("role", { enum: ROLES }).notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    usedAt: integer("used_at"),
    usedBy: text("used_by"),
  },
  (table) => [index("invitations_by_workspace").on(table.workspaceId, table.id)],
);

export const passwordResets = sqliteTable(
  "password_resets",
  {
    id: text("id").primaryKey(),
    userId: text("user_id").notNull(),
    tokenHash: text("token_hash").notNull().unique(),
    createdBy: text("created_by").notNull(),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    usedAt: integer("used_at"),
    /** Which request used it. */
    claim: text("claim"),
  },
  (table) => [index("password_resets_by_user").on(table.userId)],
);

export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text("id").primaryKey(),
    workspaceId: text("workspace_id").notNull(),
    userId: text("user_id").notNull(),
    name: text("name").notNull(),
    role: text("role", { enum: ROLES }).notNull(),
    keyHash: text("key_hash").notNull().unique(),
    /** The key's first characters, to tell keys apart on a screen. */
    prefix: text("prefix").notNull(),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at"),
    /** To five minutes; null before the first use. */
    lastUsedAt: integer("last_used_at"),
  },
  (table) => [index("api_keys_by_workspace").on(table.workspaceId, table.userId, table.id)],
);

export const signInFailures = sqliteTable(
  "sign_in_failures",
  {
    /** A digest: see `rules/sign-in-backoff.ts`. */
    subject: text("subject").primaryKey(),
    failures: integer("failures").notNull(),
    lastAt: integer("last_at").notNull(),
    blockedUntil: integer("blocked_until").notNull(),
  },
  (table) => [index("sign_in_failures_by_age").on(table.lastAt)],
);
