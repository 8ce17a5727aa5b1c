import { vi } from "vitest";
import { answerAsOpenAi } from "../worker/model.ts";

/** Where budgets send their alerts to. */
export const ALERTS_URL = "https://alerts.example.com/hook";
/** What an agent with this system prompt is answered is too large for a row. */
export const LARGE = "You are a.";
const LARGE_TEXT = "a long answer ".repeat(20_000);

/** The outside world: a provider that answers, and an address that takes alerts. */
export interface Outside {
  /** System prompts of the calls that came, in their order. */
  calls: (string | null)[];
  /** Ids of the alerts that came. */
  alerts: string[];
  /** Whose system prompt is refused, while set. */
  refuses: string | null;
}

/** Puts the outside world in place of the network, and lets short waits pass at once. */
export function openOutside(): Outside {
  const outside: Outside = { calls: [], alerts: [], refuses: null };
  answerAsOpenAi(({ system }) => {
    outside.calls.push(system);
    if (system === outside.refuses) return { status: 400 };
    return { text: system === LARGE ? LARGE_TEXT : "an answer", inputTokens: 20_000 };
  });
  const model = vi.mocked(globalThis.fetch).getMockImplementation();
  vi.mocked(globalThis.fetch).mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (request.url !== ALERTS_URL) return model ? model(request) : Response.error();
    outside.alerts.push(request.headers.get("webhook-id") ?? "");
    return new Response(null, { status: 204 });
  });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const later = globalThis.setTimeout;
  vi.spyOn(globalThis, "setTimeout").mockImplementation((handler, ms = 0) => later(handler, ms <= 1_000 ? 0 : ms));
  // Heartbeats of invocations that have died would go on for ever.
  vi.spyOn(globalThis, "setInterval").mockImplementation(() => later(() => undefined, 0));
  return outside;
}
