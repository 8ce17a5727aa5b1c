import type { Clock } from "../core/clock.ts";
import type { Db } from "../db/client.ts";
import type { ProviderName } from "./contract.ts";
import { type CredentialRow, findCredential } from "./credentials.ts";

/** How long an isolate believes what it read: so long may a key that was replaced elsewhere live on here. */
export const CREDENTIAL_MEMORY_MS = 30_000;
/** Rows are under a kilobyte each. The oldest make room. */
const MAX_REMEMBERED = 1_000;

/** Rows as they are stored, keys still sealed: what lies in memory is no more than what lies in the database. */
const memory = new Map<string, { row: CredentialRow | null; readAt: number }>();
let forgotten = 0;

/** The workspace's row for a provider, `null` when there is none; one query, and none within 30 seconds of it. */
export async function knownCredential(
  ctx: { db: Db; clock: Clock; workspaceId: string },
  provider: ProviderName,
): Promise<CredentialRow | null> {
  const name = nameOf(ctx.workspaceId, provider);
  const readAt = ctx.clock.now();
  const known = memory.get(name);
  if (known && Math.abs(readAt - known.readAt) < CREDENTIAL_MEMORY_MS) return known.row;

  const before = forgotten;
  const row = await findCredential(ctx, provider);
  // A key may have been replaced while this was read: what was read is then not worth remembering.
  if (before === forgotten) remember(name, { row, readAt });
  return row;
}

/** To be called once a change is stored: the next who asks in this isolate reads it. */
export function forgetCredential(workspaceId: string, provider: ProviderName): void {
  forgotten += 1;
  memory.delete(nameOf(workspaceId, provider));
}

function remember(name: string, read: { row: CredentialRow | null; readAt: number }): void {
  // Taken out first, so that the map's order stays that of the reads.
  memory.delete(name);
  memory.set(name, read);
  const oldest = memory.keys().next();
  if (memory.size > MAX_REMEMBERED && !oldest.done) memory.delete(oldest.value);
}

function nameOf(workspaceId: string, provider: ProviderName): string {
  return `${provider}/${workspaceId}`;
}
