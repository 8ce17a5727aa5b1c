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
  /** Fires the Worker's cron as if it were that time, so that nobody has to wait for it. */
  timeComes(at: Date): Promise<void>;
}

/** One thing that Swarm does, shown. Throws when it does not work, which ends the tour with exit code 1. */
export interface Chapter {
  title: string;
  show(tour: Tour): Promise<void>;
}

interface Answer {
  ok: boolean;
  status: number;
  url: string;
  json(): Promise<unknown>;
  text(): Promise<string>;
}

/** What an answer holds when it is no refusal: every route declares the error envelope beside its own answers. */
type BodyOf<Given extends Answer> = Exclude<Awaited<ReturnType<Given["json"]>>, { error: { code: string } }>;

/** An answer's body. Throws the text of a refusal, in place of handing its envelope out as what was asked for. */
export async function bodyOf<Given extends Answer>(response: Given): Promise<BodyOf<Given>>;
export async function bodyOf(response: Answer): Promise<unknown> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
