import { retryTransient } from "../db/transient.ts";
import type { Engine } from "../executions/index.ts";

/** How long a chain may go without a sign before another takes its place: its message may be lost. */
const LEASE_MS = 2 * 60_000;

type Ports = Pick<Engine, "db" | "clock">;

/**
 * Begins a chain of messages that go on with a dispatch, unless one is under way in the whole installation: a cron that
 * begins one each minute would end with as many dispatchers at once as there were minutes.
 */
export async function beginChain({ db, clock }: Ports, chain: string): Promise<boolean> {
  const now = clock.now();
  const { meta } = await retryTransient(() =>
    db.d1
      .prepare(
        "UPDATE dispatch_chain SET chain = ?1, hop = 0, lease_until = ?2 WHERE only = 1 AND (lease_until <= ?3 OR chain = ?1)",
      )
      .bind(chain, now + LEASE_MS, now)
      .run(),
  );
  return meta.changes > 0;
}

/** Takes a chain's next place. False for a message that comes twice, and for one whose chain was given up. */
export async function takeHop({ db, clock }: Ports, chain: string, hop: number): Promise<boolean> {
  const { meta } = await db.d1
    .prepare("UPDATE dispatch_chain SET hop = ?2, lease_until = ?3 WHERE only = 1 AND chain = ?1 AND hop = ?2 - 1")
    .bind(chain, hop, clock.now() + LEASE_MS)
    .run();
  return meta.changes > 0;
}

/** Lets the next cron begin a chain again. */
export async function endChain({ db }: Ports, chain: string): Promise<void> {
  await retryTransient(() =>
    db.d1
      .prepare("UPDATE dispatch_chain SET chain = '', lease_until = 0 WHERE only = 1 AND chain = ?1")
      .bind(chain)
      .run(),
  );
}
