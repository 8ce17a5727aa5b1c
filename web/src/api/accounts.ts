import { toApiError, unreachable } from "./api-error.ts";

/**
 * Asks one of better-auth's own addresses ("sign-in/email"), whose bodies are not part of the typed client: with a body
 * as a POST, else as a GET. Throws an `ApiError`. What it answers is checked by who reads it.
 */
export async function askAccounts(path: string, body?: object): Promise<unknown> {
  const response = await fetch(
    `/api/auth/${path}`,
    body === undefined
      ? {}
      : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) },
  ).catch((cause: unknown) => {
    throw unreachable(cause);
  });
  if (!response.ok) throw await toApiError(response);
  return response.json();
}
