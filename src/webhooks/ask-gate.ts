import { DomainError } from "../core/errors.ts";
import { isOverloaded, isTransient } from "../db/transient.ts";
import type { Gate, Gates } from "./gates.ts";

const TRIES = 3;
const FIRST_WAIT_MS = 40;
const OVERLOAD_RETRY_SECONDS = 2;

/**
 * Asks a webhook's gate, and again when a passing fault hit the object or the way to it: three times at most, each time
 * by a new stub, since one that has met an error stays broken. The fault may have hit behind the effect, so `ask` must
 * be safe to repeat. An object that is overloaded is never asked again, which would only add to it: that throws
 * `overloaded`.
 */
export async function askGate<Result>(
  gates: Gates,
  webhookId: string,
  ask: (gate: Gate) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask(gates(webhookId));
    } catch (error) {
      if (says(error, "overloaded") || isOverloaded(error)) throw tooMuch(error);
      if (tries === TRIES || !(says(error, "retryable") || isTransient(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * tries));
    }
  }
}

/** The platform marks what an object's caller meets with these (Durable Objects, "Error handling"). */
function says(error: unknown, mark: "overloaded" | "retryable"): boolean {
  return error instanceof Error && Reflect.get(error, mark) === true;
}

function tooMuch(cause: unknown): DomainError {
  const message = "This webhook is called more often than its calls can be counted. Send the call again shortly.";
  return new DomainError("overloaded", message, { retryAfterSeconds: OVERLOAD_RETRY_SECONDS, cause });
}
