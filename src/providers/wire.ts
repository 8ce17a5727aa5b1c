/** An answer larger than any model's: a hostile address must not fill the isolate's memory. */
export const MAX_ANSWER_BYTES = 10_000_000;

/** The longest that a timer takes; longer ones fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** What became of the one request of a call. */
export type Outcome =
  | { state: "unsent" }
  | { state: "answered"; status: number; headers: Headers; body: string }
  | { state: "failed"; kind: "timeout" | "cancelled" | "network" | "malformed"; status: number | null; cause: unknown };

/** One request's way out. Its `fetch` is given to an SDK in place of the global one. */
export interface Wire {
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Asked after the SDK is done. What an SDK makes of a failure is never looked at: this is. */
  outcome(): Outcome;
  /** Takes the timer and the listener away. */
  close(): void;
}

/**
 * Sends one request under the caller's signal and one deadline that covers the body too, follows no redirect (the
 * key would travel with it), and reads the whole answer, up to 10 MB, before the SDK sees any of it.
 */
export function openWire(signal: AbortSignal, timeoutMs: number): Wire {
  const controller = new AbortController();
  let outcome: Outcome = { state: "unsent" };
  let ended: "timeout" | "cancelled" | null = null;
  let status: number | null = null;

  const end = (why: "timeout" | "cancelled") => {
    ended ??= why;
    controller.abort();
  };
  const cancel = () => end("cancelled");
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  const timer = setTimeout(() => end("timeout"), Math.min(Math.max(timeoutMs, 0), MAX_TIMER_MS));

  const send = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = { ...init, redirect: "manual", signal: controller.signal } as const;
    const response = await whileOpen(globalThis.fetch(input, request), controller.signal);
    status = response.status;
    const body = await readAnswer(response, controller.signal);
    outcome = { state: "answered", status: response.status, headers: response.headers, body };
    return forSdk(response.status, body);
  };

  return {
    async fetch(input, init) {
      try {
        return await send(input, init);
      } catch (cause) {
        const kind = ended ?? (cause instanceof AnswerTooLarge ? "malformed" : "network");
        outcome = { state: "failed", kind, status, cause };
        throw cause;
      }
    },
    outcome: () => outcome,
    close() {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    },
  };
}

class AnswerTooLarge extends Error {
  constructor() {
    super(`The answer is over ${MAX_ANSWER_BYTES} bytes.`);
  }
}

async function readAnswer(response: Response, signal: AbortSignal): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let size = 0;
  let text = "";
  try {
    for (;;) {
      const { done, value } = await whileOpen(reader.read(), signal);
      if (done) return text + decoder.decode();
      size += value.byteLength;
      if (size > MAX_ANSWER_BYTES) throw new AnswerTooLarge();
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    // Not waited for: a stream that hangs also hangs in its cancel. The failure itself is thrown below.
    reader.cancel().catch(() => undefined);
    throw error;
  }
}

/** Gives up with the signal even if the promise never settles: not every stream hears an abort. */
function whileOpen<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error("The call was ended before its answer was complete."));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/**
 * The answer as the SDK gets it. Always typed as JSON, because some compatible servers say text/plain and the SDKs
 * would then hand the text out as if it were the answer. Every failure looks the same: only the outcome counts.
 */
function forSdk(status: number, body: string): Response {
  const isSuccess = status >= 200 && status < 300;
  return new Response(isSuccess ? body : "{}", {
    status: isSuccess ? 200 : 400,
    headers: { "Content-Type": "application/json" },
  });
}
