import { vi } from "vitest";

/** What the stand-in for OpenAI sees of a call. */
export interface ModelCall {
  model: string;
  prompt: string;
  system: string | null;
}

/** What it answers: a text, or a status with an error. */
export type ModelAnswer =
  | { text: string; inputTokens?: number; outputTokens?: number }
  | { status: number; type?: string; headers?: Record<string, string> };

/**
 * Stands in for OpenAI at the wire: the SDK and the adapter above it are the real ones. Returns the calls that came,
 * in their order. Restored by vitest's `restoreMocks` or `vi.restoreAllMocks()`.
 */
export function answerAsOpenAi(
  answer: (call: ModelCall, count: number) => ModelAnswer | Promise<ModelAnswer>,
): ModelCall[] {
  const calls: ModelCall[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const body: { model: string; messages: { role: string; content: string }[] } = await request.json();
    const call = {
      model: body.model,
      prompt: body.messages.find(({ role }) => role === "user")?.content ?? "",
      system: body.messages.find(({ role }) => role === "system" || role === "developer")?.content ?? null,
    };
    calls.push(call);
    const reply = await answer(call, calls.length);
    if (request.signal.aborted) throw new DOMException("aborted", "AbortError");
    return "text" in reply ? completion(call.model, reply) : refusal(reply);
  });
  return calls;
}

function completion(
  model: string,
  { text, inputTokens = 10, outputTokens = 5 }: { text: string; inputTokens?: number; outputTokens?: number },
) {
  return Response.json({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model,
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text } }],
    usage: { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens },
  });
}

function refusal({ status, type, headers }: { status: number; type?: string; headers?: Record<string, string> }) {
  return Response.json(
    { error: { message: "no", type: type ?? "error", code: type ?? null } },
    { status, headers: headers ?? {} },
  );
}
