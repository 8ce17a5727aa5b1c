import type { ApiClient } from "../../src/api.client.ts";

/** What a chapter of the tour works with. */
export interface Tour {
  url: string;
  /** The typed client, as the person whom the tour signed up. */
  api: ApiClient;
  /** Headers that send that person's session along, for what the client cannot do. */
  headers: { Cookie: string; Origin: string };
  /** Providers with a real key. Empty: replies are simulated. */
  providers: readonly string[];
  say(line: string): void;
}

/** One thing that Swarm does, shown. Throws when it does not work, which ends the tour with exit code 1. */
export interface Chapter {
  title: string;
  show(tour: Tour): Promise<void>;
}

/**
 * An answer's body. Refusals are thrown by the server and so stand in no type: this throws their text in place of
 * handing out an error envelope as if it were what was asked for.
 */
export async function bodyOf<Body>(response: {
  ok: boolean;
  status: number;
  url: string;
  json(): Promise<Body>;
  text(): Promise<string>;
}): Promise<Body> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
