import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { PROVIDERS } from "./contract.ts";

/** A workspace's own keys for providers, at most one each, sealed. */
export const credentials = sqliteTable(
  "credentials",
  {
    workspaceId: text("workspace_id").notNull(),
    provider: text("provider", { enum: PROVIDERS }).notNull(),
    /** New with every key that is stored. */
    id: text("id").notNull(),
    ciphertext: text("ciphertext").notNull(),
    last4: text("last4").notNull(),
    baseUrl: text("base_url"),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.provider] })],
);
