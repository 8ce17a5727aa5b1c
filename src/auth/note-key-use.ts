import { eq } from "drizzle-orm";
import { errorText } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Db } from "../db/client.ts";
import type { UsedKey } from "./identify.ts";
import { apiKeys } from "./schema.ts";

/** How exact the time of a key's last use is: a busy key is written once in so long, not with each request. */
const EXACT_TO_MS = 300_000;

/** The write that notes a key's use, to go on beside the answer. Null while the last note still holds. */
export function noteKeyUse(
  { db, log, now }: { db: Db; log: Logger; now: number },
  { id, lastUsedAt }: UsedKey,
): Promise<void> | null {
  if (lastUsedAt !== null && now - lastUsedAt < EXACT_TO_MS) return null;
  const write = async () => {
    try {
      await db.orm.update(apiKeys).set({ lastUsedAt: now }).where(eq(apiKeys.id, id));
    } catch (error) {
      // The request itself has been answered: what is lost is a time on a screen, and the next use tells it.
      log.log("warn", "Auth", `the use of an API key was not noted: ${errorText(error)}`, { keyId: id });
    }
  };
  return write();
}
