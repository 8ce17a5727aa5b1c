import { installationOwner } from "../auth/index.ts";
import type { Db } from "../db/client.ts";

let known: string | undefined;

/** The workspace of the installation's owner, `null` before the first sign-up. It never changes, so it is asked once an isolate. */
export async function ownerWorkspaceId(db: Db): Promise<string | null> {
  known ??= (await installationOwner({ db }))?.workspaceId;
  return known ?? null;
}
