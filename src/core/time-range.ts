/** Epoch milliseconds of an ISO date or time; a date without a time is its midnight in UTC. */
export function startOfTime(iso: string): number {
  return Date.parse(iso);
}

/** Whether an ISO text names a day and no time in it. */
export function isDayOnly(iso: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(iso);
}
