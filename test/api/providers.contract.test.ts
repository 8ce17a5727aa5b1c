import { afterEach, describe, expect, test, vi } from "vitest";
import {
  adapterFor,
  type CallOptions,
  type CompletionRequest,
  ProviderError,
  type ProviderName,
} from "../../src/providers/index.ts";
import { anthropicWire } from "../support/wire/anthropic.ts";
import { answer } from "../support/wire/chat-completions.ts";
import { compatibleWire } from "../support/wire/compatible.ts";
import { geminiWire } from "../support/wire/gemini.ts";
import { openAiWire } from "../support/wire/openai.ts";
import { NOW, PLAIN_REFUSALS, TEXT, type WireTable } from "../support/wire/wire.ts";

const KEY = "sk-test-3f9c1d7e5b2a4860";
const JSON_TYPE = { "Content-Type": "application/json" };

afterEach(() => {
  vi.restoreAllMocks();
});

function requestFor(wire: WireTable, part: Partial<CompletionRequest> = {}): CompletionRequest {
  return {
    model: wire.model,
    system: "Be brief.",
    prompt: "Say hello.",
    temperature: 0.5,
    maxTokens: 500,
    topP: 0.9,
    stopSequences: ["END"],
    ...part,
  };
}

function optionsFor(wire: WireTable, part: Partial<CallOptions> = {}): CallOptions {
  return {
    apiKey: KEY,
    baseUrl: wire.baseUrl,
    signal: new AbortController().signal,
    timeoutMs: 5_000,
    clock: { now: () => NOW },
    ...part,
  };
}

/** Stands in for the network, and keeps what was sent over it. */
function onWire(answer: (init: RequestInit) => Response | Promise<Response>) {
  const sent: { url: string; init: RequestInit; headers: Headers; body: unknown }[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : init.body;
    sent.push({ url, init, headers: new Headers(init.headers), body });
    return answer(init);
  });
  return sent;
}

const answering = (body: string | ReadableStream, status = 200, headers: Record<string, string> = {}) =>
  onWire(() => new Response(body, { status, headers: { ...JSON_TYPE, ...headers } }));

async function failureOf(provider: ProviderName, request: CompletionRequest, options: CallOptions) {
  try {
    await adapterFor(provider).complete(request, options);
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
  throw new Error("the call was expected to fail, and gave an answer");
}

/** A body that says something and then no more. */
function hangingBody(start: string): ReadableStream {
  return new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(start)) });
}

for (const wire of [openAiWire, anthropicWire, geminiWire, compatibleWire]) {
  const fails = (part: Partial<CallOptions> = {}) => failureOf(wire.provider, requestFor(wire), optionsFor(wire, part));

  describe(wire.provider, () => {
    test("an answer comes with its text, its model and every class of token", async () => {
      answering(wire.success.body);
      expect(await adapterFor(wire.provider).complete(requestFor(wire), optionsFor(wire))).toEqual({
        text: TEXT,
        model: wire.success.model,
        finishReason: "stop",
        usage: wire.success.usage,
        latencyMs: 0,
      });
    });

    test("an answer that drips in byte by byte is the same, and one that ends at any of its bytes is none", async () => {
      const bytes = new TextEncoder().encode(wire.success.body);
      const drops = [...bytes].values();
      const pull = (controller: ReadableStreamDefaultController) => {
        const { value, done } = drops.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array([value]));
      };
      answering(new ReadableStream({ pull }));
      expect((await adapterFor(wire.provider).complete(requestFor(wire), optionsFor(wire))).text).toBe(TEXT);
      const kinds = new Set<string>();
      for (let end = 0; end < bytes.length; end += 1) {
        onWire(() => new Response(bytes.slice(0, end), { headers: JSON_TYPE }));
        kinds.add((await fails()).kind);
      }
      expect([...kinds]).toEqual(["malformed"]);
    });

    test("exactly one request goes out, to the given address, with the key in its header only", async () => {
      const sent = answering(wire.success.body);
      await adapterFor(wire.provider).complete(requestFor(wire), optionsFor(wire, { baseUrl: `${wire.baseUrl}/` }));
      expect(sent).toHaveLength(1);
      expect(sent[0]?.url).toBe(wire.url);
      expect(sent[0]?.init.method).toBe("POST");
      expect(sent[0]?.headers.get(wire.keyHeader.name)).toBe(wire.keyHeader.value(KEY));
      expect(sent[0]?.body).toEqual(wire.requestBody);
    });

    test("latency runs from the call to the last byte", async () => {
      answering(wire.success.body);
      const times = [1_000, 1_250];
      const clock = { now: () => times.shift() ?? 1_250 };
      const completion = await adapterFor(wire.provider).complete(requestFor(wire), optionsFor(wire, { clock }));
      expect(completion.latencyMs).toBe(250);
    });

    test("an answer without usage is kept, and its usage is unknown rather than zero", async () => {
      answering(wire.successWithoutUsage);
      const completion = await adapterFor(wire.provider).complete(requestFor(wire), optionsFor(wire));
      expect(completion).toMatchObject({ text: TEXT, usage: null });
    });

    test("an answer that its length cut is kept, and says so", async () => {
      answering(wire.cutByLength);
      const completion = await adapterFor(wire.provider).complete(requestFor(wire), optionsFor(wire));
      expect(completion).toMatchObject({ text: TEXT, finishReason: "length" });
    });

    test("an answer typed as plain text is still read", async () => {
      answering(wire.success.body, 200, { "Content-Type": "text/plain" });
      const completion = await adapterFor(wire.provider).complete(requestFor(wire), optionsFor(wire));
      expect(completion.usage).toEqual(wire.success.usage);
    });

    for (const bad of wire.badAnswers) {
      test(`${bad.name} is ${bad.kind}, and what it cost is kept`, async () => {
        answering(bad.body);
        const error = await fails();
        expect({ kind: error.kind, usage: error.usage, httpStatus: error.httpStatus }).toEqual({
          kind: bad.kind,
          usage: bad.usage,
          httpStatus: 200,
        });
        expect(error.model).toBe(bad.usage === null ? null : wire.success.model);
        if (bad.message) expect(error.message).toMatch(bad.message);
      });
    }

    test.each([
      ["half of the JSON", wire.success.body.slice(0, wire.success.body.length / 2)],
      ["an HTML page", "<!doctype html><p>Welcome</p>"],
      ["nothing", ""],
      ["JSON of another kind", "[1,2,3]"],
      ["null", "null"],
      ["an object without an answer", "{}"],
    ])("a 200 with %s is malformed", async (_name, body) => {
      const sent = answering(body);
      expect(await fails()).toMatchObject({ kind: "malformed", httpStatus: 200, usage: null });
      expect(sent).toHaveLength(1);
    });

    for (const refusal of [...wire.refusals, ...PLAIN_REFUSALS]) {
      test(`${refusal.name} is ${refusal.kind}, after one request`, async () => {
        const sent = answering(refusal.body, refusal.status, refusal.headers);
        const error = await fails();
        expect({ kind: error.kind, httpStatus: error.httpStatus, retryAfterMs: error.retryAfterMs }).toEqual({
          kind: refusal.kind,
          httpStatus: refusal.status,
          retryAfterMs: refusal.retryAfterMs ?? null,
        });
        expect(sent).toHaveLength(1);
      });
    }

    test("a redirect is not followed, so that the key goes nowhere else", async () => {
      const sent = answering("", 307, { Location: "https://elsewhere.test/" });
      expect(await fails()).toMatchObject({ kind: "invalid_request", httpStatus: 307 });
      expect(sent).toHaveLength(1);
      expect(sent[0]?.init.redirect).toBe("manual");
    });

    test("a server that cannot be reached is network, after one request", async () => {
      const sent = onWire(() => Promise.reject(new TypeError("Network connection lost.")));
      expect(await fails()).toMatchObject({ kind: "network", httpStatus: null });
      expect(sent).toHaveLength(1);
    });

    test("a connection that breaks in the body is network", async () => {
      answering(new ReadableStream({ pull: (controller) => controller.error(new TypeError("connection reset")) }));
      expect(await fails()).toMatchObject({ kind: "network", httpStatus: 200 });
    });

    test("a server that never answers is timeout, though it does not hear the abort", async () => {
      onWire(() => new Promise(() => undefined));
      expect(await fails({ timeoutMs: 30 })).toMatchObject({ kind: "timeout", httpStatus: null });
    });

    test("an answer that stops in its middle is timeout", async () => {
      answering(hangingBody('{"model":'));
      expect(await fails({ timeoutMs: 30 })).toMatchObject({ kind: "timeout", httpStatus: 200 });
    });

    test("a refusal whose body never ends is timeout", async () => {
      answering(hangingBody('{"error":'), 500);
      expect(await fails({ timeoutMs: 30 })).toMatchObject({ kind: "timeout", httpStatus: 500 });
    });

    test("the caller's abort in the middle of a call is cancelled, and reaches the network", async () => {
      const caller = new AbortController();
      const sent = onWire(() => new Promise(() => undefined));
      const failure = fails({ signal: caller.signal });
      await vi.waitFor(() => expect(sent).toHaveLength(1));
      caller.abort();
      expect(await failure).toMatchObject({ kind: "cancelled" });
      expect(sent[0]?.init.signal?.aborted).toBe(true);
    });

    test("a call that was cancelled before it began sends nothing", async () => {
      const sent = answering(wire.success.body);
      expect(await fails({ signal: AbortSignal.abort() })).toMatchObject({ kind: "cancelled" });
      expect(sent).toHaveLength(0);
    });

    test("an answer over 10 MB is malformed, and is not read to its end", async () => {
      let pulled = 0;
      const endless = new ReadableStream({
        pull: (controller) => {
          pulled += 1;
          controller.enqueue(new Uint8Array(1_000_000).fill(32));
        },
      });
      answering(endless);
      expect(await fails()).toMatchObject({ kind: "malformed", httpStatus: 200 });
      expect(pulled).toBeLessThan(15);
    });

    test.each([
      ["the key as it is", KEY],
      ["a piece of the key", `${KEY.slice(0, 12)}******`],
      ["another key", "sk-live-0000000000000000"],
    ])("%s in the provider's words stays out of the message", async (_name, leak) => {
      answering(JSON.stringify({ error: { message: `Bad header: ${leak}`, type: "invalid_request_error" } }), 400);
      const error = await fails();
      expect(error.kind).toBe("invalid_request");
      expect(`${error.message} ${error.stack}`).not.toContain(leak);
    });

    test("what the provider objects to is told", async () => {
      answering(JSON.stringify({ error: { message: "topK:\n must be positive" } }), 400);
      expect((await fails()).message).toContain("topK: must be positive");
    });

    test.each(["", "not an address", "ftp://models.test", "https://me:secret@models.test", "https://models.test?a=1"])(
      "the base URL %j is refused before anything is sent",
      async (baseUrl) => {
        const sent = answering(wire.success.body);
        expect(await fails({ baseUrl })).toMatchObject({ kind: "invalid_request", httpStatus: null });
        expect(sent).toHaveLength(0);
      },
    );

    test("a key with a line break is auth, and is not repeated", async () => {
      const sent = answering(wire.success.body);
      const error = await fails({ apiKey: "sk-first-half\nsecond-half" });
      expect(error.kind).toBe("auth");
      expect(error.message).not.toContain("first-half");
      expect(sent).toHaveLength(0);
    });

    test.each(["../../v1/files", "a?b=c", "", "model with spaces"])(
      "the model name %j sends no request to another path",
      async (model) => {
        const sent = answering(wire.success.body);
        await adapterFor(wire.provider)
          .complete(requestFor(wire, { model }), optionsFor(wire))
          .catch((error: unknown) => expect(error).toBeInstanceOf(ProviderError));
        expect(sent.length).toBeLessThanOrEqual(1);
        for (const { url } of sent) {
          const { origin, pathname, search } = new URL(url);
          const home = new URL(wire.url);
          expect(`${origin}${pathname.split("/").slice(0, 3).join("/")}`).toBe(
            `${home.origin}${home.pathname.split("/").slice(0, 3).join("/")}`,
          );
          expect(search).toBe("");
        }
      },
    );
  });
}

describe("what only one provider does", () => {
  test("a reasoning model of OpenAI gets a developer message and no sampling, and its text ends at a stop sequence", async () => {
    const sent = answering(openAiWire.success.body.replace(TEXT, "Hello. END of it"));
    const request = requestFor(openAiWire, { model: "gpt-5.1" });
    const completion = await adapterFor("openai").complete(request, optionsFor(openAiWire));
    expect(sent[0]?.body).toEqual({
      model: "gpt-5.1",
      messages: [
        { role: "developer", content: "Be brief." },
        { role: "user", content: "Say hello." },
      ],
      max_completion_tokens: 500,
    });
    expect(completion.text).toBe("Hello. ");
  });

  test("Anthropic's current models get no sampling, its older ones a temperature of at most 1", async () => {
    const sent = answering(anthropicWire.success.body);
    const part = { topP: null, temperature: 1.6 };
    for (const model of ["claude-opus-5-5", "claude-opus-4-5"]) {
      await adapterFor("anthropic").complete(requestFor(anthropicWire, { ...part, model }), optionsFor(anthropicWire));
    }
    expect(sent[0]?.body).not.toHaveProperty("temperature");
    expect(sent[1]?.body).toHaveProperty("temperature", 1);
  });

  test("Anthropic takes large maxTokens without streaming", async () => {
    const sent = answering(anthropicWire.success.body);
    await adapterFor("anthropic").complete(
      requestFor(anthropicWire, { maxTokens: 200_000 }),
      optionsFor(anthropicWire),
    );
    expect(sent[0]?.body).toHaveProperty("max_tokens", 200_000);
  });

  test("a compatible server without a key gets no Authorization header", async () => {
    const sent = answering(compatibleWire.success.body);
    await adapterFor("openai-compatible").complete(
      requestFor(compatibleWire),
      optionsFor(compatibleWire, { apiKey: "" }),
    );
    expect(sent[0]?.headers.has("Authorization")).toBe(false);
  });

  test("the other providers without a key are auth, and the setting is named", async () => {
    const error = await failureOf("openai", requestFor(openAiWire), optionsFor(openAiWire, { apiKey: "" }));
    expect(error).toMatchObject({ kind: "auth" });
    expect(error.message).toContain("OPENAI_API_KEY");
  });

  test("a compatible server needs a base URL", async () => {
    const error = await failureOf(
      "openai-compatible",
      requestFor(compatibleWire),
      optionsFor(compatibleWire, { baseUrl: null }),
    );
    expect(error.message).toContain("OPENAI_COMPATIBLE_BASE_URL");
  });

  test.each([
    ["openai", openAiWire, "https://api.openai.com/v1/chat/completions"],
    ["anthropic", anthropicWire, "https://api.anthropic.com/v1/messages"],
    ["gemini", geminiWire, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"],
  ] as const)(
    "a key of a workspace's own goes to %s itself, whatever the environment says",
    async (name, wire, url) => {
      vi.stubEnv("OPENAI_BASE_URL", "https://installation.test/v1");
      vi.stubEnv("ANTHROPIC_BASE_URL", "https://installation.test");
      vi.stubEnv("GOOGLE_GEMINI_BASE_URL", "https://installation.test");
      vi.stubEnv("OPENAI_ORG_ID", "org-of-the-installation");
      const sent = answering(wire.success.body);
      await adapterFor(name).complete(requestFor(wire), optionsFor(wire, { baseUrl: null }));
      vi.unstubAllEnvs();
      expect(sent[0]?.url).toBe(url);
      expect(sent[0]?.headers.has("OpenAI-Organization")).toBe(false);
    },
  );

  test("reasoning that a compatible server counts beside its output is part of the output", async () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 20,
      total_tokens: 80,
      completion_tokens_details: { reasoning_tokens: 50 },
      prompt_cache_hit_tokens: 4,
    };
    answering(answer(compatibleWire.model, { content: TEXT }, "stop", usage));
    const completion = await adapterFor("openai-compatible").complete(
      requestFor(compatibleWire),
      optionsFor(compatibleWire),
    );
    expect(completion.usage).toMatchObject({ outputTokens: 70, reasoningTokens: 50, cachedInputTokens: 4 });
  });
});
