import { ApiError } from "../api/api-error.ts";
import { isFailedLoad } from "../lib/failed-loads.ts";
import { Refusal } from "../lib/refusal.ts";

/** What a refusal says of one field, to stand under it; null when it says nothing of it. */
export function fieldFault(error: unknown, field: string): string | null {
  if (!(error instanceof ApiError)) return null;
  return error.details.find(({ path }) => path === field || path.startsWith(`${field}[`))?.message ?? null;
}

const NOT_LOADED =
  "The server did not send this part of the dashboard: it cannot be reached, or a newer dashboard took the place of this one. Nothing that was saved is lost. Load the page again.";

/** What a thrown value says to people, and the id under which the server's log knows it (null where there is none). */
export function errorWords(error: unknown): { message: string; requestId: string | null } {
  if (error instanceof ApiError) {
    const details = error.details.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
    return { message: [error.message, ...details].join("\n"), requestId: error.requestId };
  }
  if (error instanceof Refusal) return { message: error.message, requestId: null };
  if (isFailedLoad(error)) return { message: NOT_LOADED, requestId: null };
  const text = error instanceof Error ? error.message : String(error);
  return {
    message: `The page itself failed: ${text}. Nothing that was saved is lost. Load the page again; if it stays, report this text.`,
    requestId: null,
  };
}
