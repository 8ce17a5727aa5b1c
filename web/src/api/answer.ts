import type { ClientResponse } from "hono/client";
import type { SuccessStatusCode } from "hono/utils/http-status";
import { toApiError, unreachable } from "./api-error.ts";

type AnyResponse = ClientResponse<unknown, number, string>;

/** The body that a route declares for going well: a route may list its refusals beside it. */
export type BodyOf<Answer> =
  Answer extends ClientResponse<infer Body, infer Status, string>
    ? [Status] extends [SuccessStatusCode]
      ? Body
      : never
    : never;

/**
 * The body of an answer of the typed client: `await answer(client.api.workflows.$get({ query: {} }))`. Throws an
 * `ApiError` for a refusal, and for an answer that never came. Null for 204.
 *
 * The overload's type is the one that the server's routes declare; they validate what they answer, so it is not looked
 * at a second time here.
 */
export function answer<Answer extends AnyResponse>(pending: Promise<Answer>): Promise<BodyOf<Answer>>;
export async function answer(pending: Promise<AnyResponse>): Promise<unknown> {
  const response = await pending.catch((cause: unknown) => {
    throw unreachable(cause);
  });
  if (!response.ok) throw await toApiError(response);
  return response.status === 204 ? null : response.json();
}
