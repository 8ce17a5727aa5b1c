/** How many calls may be unanswered at once while it is not known that the provider answers. */
export const FIRST_ROOM = 16;
/** Enough for any burst of one isolate: from here on nothing is held back. */
const MOST_ROOM = 1_024;
/** A call that has not been answered for so long holds nobody back: slow is not broken. */
export const HOLD_MS = 1_000;
/** An answer says nothing any more of a provider that was not called for so long. */
const PROVEN_FOR_MS = 30_000;

/** What an isolate has under way with one provider. Times in epoch milliseconds. */
export interface Burst {
  /** When the calls began that are not answered yet, oldest first. */
  unanswered: readonly number[];
  /** How many of them there may be. */
  room: number;
  answeredAt: number;
}

export const NO_BURST: Burst = { unanswered: [], room: FIRST_ROOM, answeredAt: 0 };

/**
 * Takes a place for one more call, or answers `null` when it should wait for those under way. A breaker learns of a
 * failing provider from the calls that come back: without this, a burst would be with the provider whole before the
 * first of them does. As in TCP's slow start (RFC 5681, 3.1), each answer makes room for one more than it frees.
 */
export function takePlace(burst: Burst, now: number): Burst | null {
  const unanswered = burst.unanswered.filter((at) => at <= now && now - at < HOLD_MS);
  const room = now - burst.answeredAt < PROVEN_FOR_MS ? burst.room : FIRST_ROOM;
  if (unanswered.length >= room) return null;
  return { ...burst, room, unanswered: [...unanswered, now] };
}

/** A call came back, and one more may go. What the caller did wrong says nothing of the provider. */
export function givePlace(burst: Burst, result: "success" | "failure" | "neutral", now: number): Burst {
  const unanswered = burst.unanswered.slice(1);
  if (result === "failure") return { ...burst, unanswered, room: FIRST_ROOM };
  if (result === "neutral") return { ...burst, unanswered };
  return { unanswered, room: Math.min(MOST_ROOM, burst.room + 1), answeredAt: now };
}
