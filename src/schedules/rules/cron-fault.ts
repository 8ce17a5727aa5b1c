import { DomainError } from "../../core/errors.ts";
import { parseCron } from "./cron.ts";

/** Why a cron expression is refused, in the words of the refusal. Null for one that is read. */
export function cronFault(expression: string): string | null {
  try {
    parseCron(expression);
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
}
