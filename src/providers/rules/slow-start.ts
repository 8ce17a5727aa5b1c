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
  /** With how many it begins when nothing proves that more are answered. */
  firstRoom: number;
  answeredAt: number;
}

export const NO_BURST: Burst = { unanswered: [], room: FIRST_ROOM, firstRoom: FIRST_ROOM, answeredAt: 0 };

/**
 * Takes a place for one more call, known by its time, or answers `null` when it should wait for those under way. A breaker learns of a
 * failing provider from the calls that come back: without this, a burst would be with the provider whole before the
 * first of them does. As in TCP's slow start (RFC 5681, 3.1), each answer makes room for one more than it frees.
 */
export function takePlace(burst: Burst, now: number): Burst | null {
  const unanswered = burst.unanswered.filter((at) => at <= now && now - at < HOLD_MS);
  const room = now - burst.answeredAt < PROVEN_FOR_MS ? burst.room : burst.firstRoom;
  if (unanswered.length >= room) return null;
  return { ...burst, room, unanswered: [...unanswered, now] };
}

/** How a call came back. What the caller did wrong is `neutral`: it says nothing of the provider. */
export type Return = "success" | "failure" | "limited" | "neutral";

/**
 * A call came back, and one more may go.
 *
 * @param place when its place was taken, `null` when it had none: a call that took long has lost it to nobody, and must
 *   not give up somebody else's
 */
export function givePlace(burst: Burst, place: number | null, result: Return, now: number): Burst {
  const at = place === null ? -1 : burst.unanswered.indexOf(place);
  const unanswered = at === -1 ? burst.unanswered : burst.unanswered.toSpliced(at, 1);
  switch (result) {
    case "neutral":
      return { ...burst, unanswered };
    case "limited":
      return oneFirst({ ...burst, unanswered });
    case "failure":
      return { ...burst, unanswered, room: burst.firstRoom };
    case "success":
      return { unanswered, room: Math.min(MOST_ROOM, burst.room + 1), firstRoom: FIRST_ROOM, answeredAt: now };
  }
}

/** After a rate limit one call goes first: all who waited for its end would run into the next one together. */
export function oneFirst(burst: Burst): Burst {
  return { ...burst, room: 1, firstRoom: 1 };
}
