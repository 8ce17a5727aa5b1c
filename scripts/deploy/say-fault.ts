import { StepFailed } from "./wrangler.ts";

/** Prints why a script ended and what to do next, and has it end with 1. An option that there is not is answered with `usage`. */
export function sayFault(error: unknown, usage: string): void {
  process.exitCode = 1;
  if (error instanceof StepFailed) console.error(`${error.message}\n\nWhat to do: ${error.advice}`);
  else if (isRefusedOption(error)) console.error(`${error.message}.\n\nWhat to do: ${usage}`);
  else console.error(error instanceof Error ? error.message : error);
}

function isRefusedOption(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
