import { errorText } from "../core/errors.ts";

const ATTEMPTS = 5;
const FIRST_WAIT_MS = 40;

/** D1's own words for faults that pass, from its documentation on retrying queries. */
const TRANSIENT = [
  "Network connection lost",
  "storage caused object to be reset",
  "reset because its code was updated",
] as const;

const OVERLOADED = ["overloaded", "Too many requests", "D1 DB exceeded"] as const;

/**
 * Runs a D1 call again when D1 says that a passing fault hit it: five times at most, with doubling waits.
 * The fault may have hit after the effect, so `call` must be safe to repeat.
 */
export async function retryTransient<Result>(
  call: () => Promise<Result>,
  wait: (ms: number) => Promise<void> = sleep,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === ATTEMPTS || !isTransient(error)) throw error;
      await wait(FIRST_WAIT_MS * 2 ** (attempt - 1));
    }
  }
}

/** Whether an error is one of D1's passing faults. */
export function isTransient(error: unknown): boolean {
  return messagesOf(error).some((text) => TRANSIENT.some((phrase) => text.includes(phrase)));
}

/** Whether an error says that D1 or a queue has more work than it takes: tell the caller to come back. */
export function isOverloaded(error: unknown): boolean {
  return messagesOf(error).some((text) => OVERLOADED.some((phrase) => text.includes(phrase)));
}

/** Whether a write was refused by the named CHECK constraint. SQLite puts the name in its message and nowhere else. */
export function violatesCheck(error: unknown, constraint: string): boolean {
  return messagesOf(error).some((text) => text.includes(`CHECK constraint failed: ${constraint}`));
}

/** Whether a write was refused because a key of `table` (or of `table.column`) exists already. */
export function violatesUnique(error: unknown, target: string): boolean {
  return messagesOf(error).some((text) => text.includes(`UNIQUE constraint failed: ${target}`));
}

/** Whether a write was refused because the row that it belongs to is not there. */
export function violatesForeignKey(error: unknown): boolean {
  return messagesOf(error).some((text) => text.includes("FOREIGN KEY constraint failed"));
}

/** Whether a statement was refused because `table` is not there. */
export function lacksTable(error: unknown, table: string): boolean {
  return messagesOf(error).some((text) => new RegExp(`no such table: ${table}\\b`).test(text));
}

/** Drizzle wraps D1's error, whose text is then that of the cause. */
function messagesOf(error: unknown): string[] {
  const own = errorText(error);
  return error instanceof Error && error.cause !== undefined ? [own, ...messagesOf(error.cause)] : [own];
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
