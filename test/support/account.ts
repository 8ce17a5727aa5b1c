import { randomUUID } from "node:crypto";
import { signUpAt } from "../../scripts/local/sign-up.ts";
import { type ApiClient, createApiClient } from "../../src/api.client.ts";

/** A person who is signed in. */
export interface Account {
  email: string;
  password: string;
  /** Sends the session along with anything: `Cookie: ...`. */
  headers: Record<string, string>;
  /** The typed client, as this person. */
  api: ApiClient;
  /** One request as this person. `body` is sent as JSON; the answer's body is parsed when it is JSON. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON, the text of anything else, null for an empty body. */
  body: unknown;
}

/** Signs a person of random name up at an instance's URL. Throws with the answer when it is refused. */
export async function signUp(url: string): Promise<Account> {
  const email = `${randomUUID()}@swarm.test`;
  const password = randomUUID();
  const headers = await signUpAt(url, { name: "Test Person", email, password });
  return accountAt(url, { email, password, headers });
}

/** The same person at another address: that of the instance that was started again on the same state. */
export function accountAt(url: string, known: Pick<Account, "email" | "password" | "headers">): Account {
  // A request with a cookie is refused when it seems to come from another origin.
  const headers = { ...known.headers, Origin: url };
  return {
    ...known,
    headers,
    api: createApiClient(url, { headers }),
    request: async (method, path, body, extra) => {
      const sent = await fetch(`${url}${path}`, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...extra },
        redirect: "manual",
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return answerOf(sent);
    },
  };
}

/** Reads a response whole. */
export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get("Content-Type")?.includes("json") ?? false;
  const body: unknown = text === "" ? null : isJson ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body };
}
