import { DomainError } from "../../core/errors.ts";
import { changeBetween, offsetAt } from "../../core/zoned-time.ts";
import { properName } from "./zone-name.ts";

const DAY_MS = 86_400_000;
const MAX_NAME_LENGTH = 64;

/** A moment at which a zone's clocks are changed. */
export interface ClockChange {
  /** The first moment of the new time, epoch milliseconds. */
  at: number;
  /** What local time was ahead of UTC before, in milliseconds. */
  before: number;
  /** What it is ahead of UTC from then on, in milliseconds. */
  after: number;
}

/** The local time of one zone, remembered a day at a time. */
export interface Zone {
  /** Milliseconds that local time is ahead of UTC at `instant`, and the moment (exclusive) to which that is known. */
  offsetAt(instant: number): { offset: number; until: number };
  /** The latest change of the clocks at or before `instant`, if it was within the 24 hours before. */
  changeBefore(instant: number): ClockChange | null;
  /** The first change of the clocks after `instant`, if it comes within 24 hours. */
  changeAfter(instant: number): ClockChange | null;
}

/**
 * The name of an IANA time zone in its proper case: "europe/london" gives "Europe/London". Another name of a zone
 * stays that name, since Intl would rename Asia/Kolkata to Asia/Calcutta and EST to America/Panama.
 * Throws `schedule_invalid` for what Intl does not know, and for offsets such as "+05:00", which know no summer time.
 */
export function assertTimezone(name: string): string {
  const advice = "Name a place of the IANA time zone database, such as Europe/London, or UTC.";
  // Intl takes an offset for a zone.
  if (!/^[A-Za-z]/.test(name) || name.length > MAX_NAME_LENGTH) throw invalidTimezone(name, advice);
  try {
    const resolved = new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone;
    return resolved.toLowerCase() === name.toLowerCase() ? resolved : properName(name);
  } catch (cause) {
    throw invalidTimezone(name, advice, cause);
  }
}

function invalidTimezone(name: string, advice: string, cause?: unknown): DomainError {
  const fault = `"${name.slice(0, MAX_NAME_LENGTH)}" is not a time zone.`;
  return new DomainError("schedule_invalid", `${fault} ${advice}`, {
    details: [{ path: "timezone", message: fault }],
    cause,
  });
}

/** Of all zones, some thirty are in use at a time; a zone may know of two thousand days. */
const ZONES_REMEMBERED = 100;
const zones = new Map<string, Zone>();

/** The zone of a name that {@link assertTimezone} has let through. */
export function zoneOf(timezone: string): Zone {
  // By whatever case it is written in: anybody may preview "europe/LONDON" in a thousand ways.
  const key = timezone.toLowerCase();
  const zone = zones.get(key) ?? openZone(timezone);
  // The one that was asked for longest ago makes room.
  zones.delete(key);
  zones.set(key, zone);
  const [oldest] = zones.keys();
  if (zones.size > ZONES_REMEMBERED && oldest !== undefined) zones.delete(oldest);
  return zone;
}

/** What is known of one day in UTC. */
interface Day {
  /** The offset at its beginning. */
  offset: number;
  /** The change after its beginning and up to its end, which is the next day's beginning. */
  change: ClockChange | null;
}

/** More than the days that one search for a run looks at; fewer than would be felt in memory. */
const DAYS_REMEMBERED = 2_000;

function openZone(timezone: string): Zone {
  const days = new Map<number, Day>();

  function day(number: number): Day {
    const known = days.get(number);
    if (known) return known;
    if (days.size >= DAYS_REMEMBERED) days.clear();
    const offset = offsetAt(timezone, number * DAY_MS);
    const next = days.get(number + 1)?.offset ?? offsetAt(timezone, (number + 1) * DAY_MS);
    const changedAt = () => changeBetween(timezone, number * DAY_MS, (number + 1) * DAY_MS);
    const change = offset === next ? null : { at: changedAt(), before: offset, after: next };
    const found = { offset, change };
    days.set(number, found);
    return found;
  }

  return {
    offsetAt(instant) {
      const number = Math.floor(instant / DAY_MS);
      const { offset, change } = day(number);
      if (change === null) return { offset, until: (number + 1) * DAY_MS };
      return instant < change.at
        ? { offset, until: change.at }
        : { offset: change.after, until: (number + 1) * DAY_MS };
    },
    changeBefore(instant) {
      const number = Math.floor(instant / DAY_MS);
      for (const { change } of [day(number), day(number - 1), day(number - 2)]) {
        if (change !== null && change.at <= instant && change.at >= instant - DAY_MS) return change;
      }
      return null;
    },
    changeAfter(instant) {
      const number = Math.floor(instant / DAY_MS);
      for (const { change } of [day(number), day(number + 1)]) {
        if (change !== null && change.at > instant && change.at <= instant + DAY_MS) return change;
      }
      return null;
    },
  };
}
