import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classify } from "../../../src/providers/rules/classify.ts";
import { readErrorBody } from "../../../src/providers/rules/error-body.ts";

const error = (fields: Record<string, unknown>) => JSON.stringify({ error: fields });

/** What each status may not be taken for by the text of its body: a text is the sender's, a status the server's. */
const KINDS = new Set([
  "rate_limit",
  "quota",
  "auth",
  "invalid_request",
  "context_length",
  "content_policy",
  "model_not_found",
  "overloaded",
  "server",
  "timeout",
]);

describe("classify", () => {
  test("an empty account is quota under the status of a rate limit", () => {
    expect(classify(429, error({ code: "insufficient_quota" }))).toBe("quota");
  });

  test("Google's minute limit speaks of quota in its text and is a rate limit all the same", () => {
    const body = error({ code: 429, status: "RESOURCE_EXHAUSTED", message: "You exceeded your current quota" });
    expect(classify(429, body)).toBe("rate_limit");
  });

  test("a model that a key may not use is model_not_found before it is auth", () => {
    expect(classify(403, error({ code: "model_not_found" }))).toBe("model_not_found");
  });

  test("a 400 that blames the model field is model_not_found", () => {
    expect(classify(400, error({ message: "invalid model ID", param: "model" }))).toBe("model_not_found");
  });

  test("words about context do not turn a server's fault or a rate limit into a long prompt", () => {
    const body = error({ message: "while computing the maximum context length" });
    expect(classify(500, body)).toBe("server");
    expect(classify(429, body)).toBe("rate_limit");
  });

  test("an overload that a server names stands before its status", () => {
    expect(classify(500, error({ type: "overloaded_error" }))).toBe("overloaded");
    expect(classify(429, error({ code: "engine_overloaded" }))).toBe("overloaded");
  });

  test("names count in any case", () => {
    expect(classify(400, error({ code: "CONTEXT_LENGTH_EXCEEDED" }))).toBe("context_length");
  });

  test("a gateway's error under status 200 is taken at its own word, and is a server's fault without one", () => {
    expect(classify(200, error({ code: 402, message: "no credit" }))).toBe("quota");
    expect(classify(200, error({ message: "odd" }))).toBe("server");
  });

  test("a redirect is a request to the wrong address", () => {
    expect(classify(301, "")).toBe("invalid_request");
  });

  test("every status and every text have a kind", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 1_000 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        expect(KINDS).toContain(classify(status, body));
      }),
    );
  });

  test("every JSON in the place of an error has a kind", () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 599 }), fc.jsonValue(), fc.jsonValue(), (status, value, detail) => {
        expect(KINDS).toContain(classify(status, JSON.stringify({ error: value })));
        expect(KINDS).toContain(
          classify(status, JSON.stringify([{ error: { details: [detail, { violations: detail }] } }])),
        );
      }),
    );
  });
});

describe("readErrorBody", () => {
  test.each([
    ["OpenAI and Anthropic", '{"error":{"message":"no"}}'],
    ["a plain text", '{"error":"no"}'],
    ["a message at the top", '{"object":"error","message":"no"}'],
    ["FastAPI", '{"detail":"no"}'],
    ["an array", '[{"error":{"message":"no"}}]'],
  ])("finds the message of %s", (_shape, body) => {
    expect(readErrorBody(body).message).toBe("no");
  });

  test("an answer is no error, even with the word in its text", () => {
    expect(readErrorBody('{"choices":[{"message":{"content":"error"}}],"error":null}').isError).toBe(false);
  });

  test("a long message is cut", () => {
    expect(readErrorBody(error({ message: "x".repeat(100_000) })).message).toHaveLength(2_000);
  });
});
