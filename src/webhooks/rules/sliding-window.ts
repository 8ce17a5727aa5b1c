import { DAY_MS } from "../../core/clock.ts";

/** A call that was let in and did not say within this time that its execution was written counts no more. */
export const RESERVATION_MS = 30_000;
/** How long a delivery id is known. */
export const DELIVERY_MS = DAY_MS;
/** What a webhook's limit may be: a decision looks at no more slots than these. */
export const MAX_LIMIT = 10_000;
export const MAX_WINDOW_SECONDS = 86_400;

export interface RateLimit {
  /** Calls let in within any stretch of `windowSeconds`. */
  limit: number;
  windowSeconds: number;
}

/** One call that was let in. */
export interface Slot {
  executionId: string;
  deliveryId: string | null;
  /** Epoch milliseconds. */
  at: number;
  /** Whether its execution is written: until then it is only reserved. */
  confirmed: boolean;
}

/** The calls let in, in their order: never an earlier one behind a later one. JSON as it stands. */
export type Log = readonly Slot[];

/** What a caller may be told about the limit. */
export interface Standing {
  limit: number;
  /** Calls that would be let in now, after this one. */
  remaining: number;
  /** Whole seconds until the oldest call of the window leaves it, and so another one is let in; 0 for an empty one. */
  resetSeconds: number;
}

export type Decision = Standing &
  (
    | { kind: "admitted" }
    /** The delivery is known and its execution written. */
    | { kind: "duplicate"; executionId: string }
    /** A copy of the delivery was let in and has not said yet how it ended. */
    | { kind: "pending"; executionId: string }
    | { kind: "limited"; retryAfterSeconds: number }
    /** Reservations ran out in this window. Whoever asks sees which of their executions are written, and asks again. */
    | { kind: "unsettled"; executionIds: string[] }
  );

export interface Reservation extends RateLimit {
  executionId: string;
  deliveryId: string | null;
  /** Epoch milliseconds. Taken as the log's last time when it is earlier: isolates' clocks differ. */
  now: number;
}

/**
 * Lets a call in or not. A delivery that is known comes before the limit: its repeat starts nothing. The same execution
 * asked for again is the same call, asked again after an answer was lost. `known` is the slot of this delivery if there
 * is one that has left `log`, which must hold at least the latest `limit` slots of the window that count, and all that
 * ran out. One that ran out may have been written by somebody who was cut off before saying so: counted or not, either
 * would be a guess, so that nobody is let in until it is looked up.
 */
export function reserve(log: Log, call: Reservation, known: Slot | null = null): { decision: Decision; log: Log } {
  const now = timeOf(log, call.now);
  const again = log.find((slot) => slot.executionId === call.executionId && counts(slot, now));
  if (again) return { decision: { kind: "admitted", ...standing(log, call, now) }, log };
  const first = deliveryOf(log, call.deliveryId, now) ?? (known !== null && isKnown(known, now) ? known : null);
  if (first !== null) {
    const kind = first.confirmed ? "duplicate" : "pending";
    return { decision: { kind, executionId: first.executionId, ...standing(log, call, now) }, log };
  }
  const full = standing(log, call, now);
  const executionIds = lostIn(log, call, now);
  if (executionIds.length > 0) return { decision: { kind: "unsettled", executionIds, ...full }, log };
  if (full.remaining === 0) {
    return { decision: { kind: "limited", retryAfterSeconds: full.resetSeconds, ...full }, log };
  }
  const { executionId, deliveryId } = call;
  const others = log.filter((slot) => slot.executionId !== executionId);
  const next = [...others, { executionId, deliveryId, at: now, confirmed: false }];
  return { decision: { kind: "admitted", ...standing(next, call, now) }, log: next };
}

/** The executions are written: their slots count until they leave the window; their deliveries are known for a day. */
export function confirm(log: Log, executionIds: ReadonlySet<string>): Log {
  return log.map((slot) => (executionIds.has(slot.executionId) ? { ...slot, confirmed: true } : slot));
}

/** The part of a log that decides about further calls under this limit, but for deliveries that have left the window. */
export function withinWindow(log: Log, { limit, windowSeconds }: RateLimit, now: number): Log {
  const from = timeOf(log, now);
  const within = log.filter((slot) => from < slot.at + windowSeconds * 1_000);
  let surplus = within.filter((slot) => counts(slot, from)).length - limit;
  return within.filter((slot) => !counts(slot, from) || --surplus < 0);
}

function lostIn(log: Log, { windowSeconds }: RateLimit, now: number): string[] {
  const lost = log.filter((slot) => !counts(slot, now) && now < slot.at + windowSeconds * 1_000);
  return lost.map(({ executionId }) => executionId);
}

/** The time of a decision: never before one that was already made. */
function timeOf(log: Log, now: number): number {
  return Math.max(now, log.at(-1)?.at ?? now);
}

/** A reservation that nobody confirmed in time counts no more. */
function counts(slot: Slot, now: number): boolean {
  return slot.confirmed || now < slot.at + RESERVATION_MS;
}

function isKnown(slot: Slot, now: number): boolean {
  return counts(slot, now) && now < slot.at + DELIVERY_MS;
}

function deliveryOf(log: Log, deliveryId: string | null, now: number): Slot | null {
  if (deliveryId === null) return null;
  return log.findLast((slot) => slot.deliveryId === deliveryId && isKnown(slot, now)) ?? null;
}

/** A slot counts from its time on and no longer at the instant when the window's length has passed. */
function standing(log: Log, { limit, windowSeconds }: RateLimit, now: number): Standing {
  const windowMs = windowSeconds * 1_000;
  const used = log.filter((slot) => now < slot.at + windowMs && counts(slot, now));
  // With a limit that was lowered, more than the oldest must leave before another is let in.
  const leaves = used[Math.max(0, used.length - limit)];
  const resetSeconds = leaves === undefined ? 0 : Math.ceil((leaves.at + windowMs - now) / 1_000);
  return { limit, remaining: Math.max(0, limit - used.length), resetSeconds };
}
