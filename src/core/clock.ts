/** Tells the time. Passed in everywhere, so that a test decides what "now" is. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export const DAY_MS = 86_400_000;

/** ISO 8601 UTC with milliseconds, as every time in the API is written. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** Like {@link isoTime}, and `null` stays `null`. */
export function isoTimeOrNull(epochMs: number | null): string | null {
  return epochMs === null ? null : isoTime(epochMs);
}
