import { eq } from "drizzle-orm";
import { errorText } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Db } from "../db/client.ts";
import type { Identity } from "./identify.ts";
import { apiKeys } from "./schema.ts";

/** How exact the time of a key's last use is: a busy key is written once in so long, not with each request. */
const EXACT_TO_MS = 300_000;

/** The write that notes a key's use, to go on beside the answer. Null for a session, and while the last note still holds. */
export function noteKeyUse(
  { db, log, now }: { db: Db; log: Logger; now: number },
  { via }: Identity,
): Promise<void> | null {
  if (via.kind !== "api_key" || (via.lastUsedAt !== null && now - via.lastUsedAt < EXACT_TO_MS)) return null;
  const { keyId } = via;
  const write = async () => {
    try {
      await db.orm.update(apiKeys).set({ lastUsedAt: now }).where(eq(apiKeys.id, keyId));
    } catch (error) {
      // The request itself has been answered: what is lost is a time on a screen, and the next use tells it.
      log.log("warn", "Auth", `the use of an API key was not noted: ${errorText(error)}`, { keyId });
    }
  };
  return write();
}
