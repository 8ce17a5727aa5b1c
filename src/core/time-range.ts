/** Epoch milliseconds of an ISO date or time; a date without a time is its midnight in UTC. */
export function startOfTime(iso: string): number {
  return Date.parse(iso);
}

/** Whether an ISO text names a day and no time in it. */
export function isDayOnly(iso: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(iso);
}

const DAY_MS = 86_400_000;

/** The first moment after the end of a range: a day without a time is included whole (UTC), a time to the millisecond. */
export function endOfRange(iso: string): number {
  return startOfTime(iso) + (isDayOnly(iso) ? DAY_MS : 1);
}
