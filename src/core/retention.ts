/** How many days a workspace keeps its history while it says nothing else. `null` in a setting keeps it for ever. */
export const RETENTION_DEFAULTS = { executionDays: 90, logDays: 30, callDays: 30 } as const;

/** Ten years, after which nobody means a number of days any more. */
export const MAX_RETENTION_DAYS = 3_650;
/** A webhook's gate keeps the last calls with their payloads, which are other people's data: never for longer. */
export const MAX_CALL_DAYS = 30;
