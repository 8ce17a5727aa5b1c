import { answer, badAnswers, errorBody, REFUSALS, USAGE, WIRE_USAGE } from "./chat-completions.ts";
import { TEXT, type WireTable } from "./wire.ts";

const MODEL = "llama-3.3-70b";

export const compatibleWire: WireTable = {
  provider: "openai-compatible",
  model: MODEL,
  baseUrl: "https://models.test/api/v1",
  url: "https://models.test/api/v1/chat/completions",
  keyHeader: { name: "Authorization", value: (key) => `Bearer ${key}` },
  requestBody: {
    model: MODEL,
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Say hello." },
    ],
    max_tokens: 500,
    temperature: 0.5,
    top_p: 0.9,
    stop: ["END"],
  },
  success: { body: answer(MODEL, { content: TEXT }, "stop", WIRE_USAGE), model: MODEL, usage: USAGE },
  successWithoutUsage: answer(MODEL, { content: TEXT }, "eos"),
  cutByLength: answer(MODEL, { content: TEXT }, "length", WIRE_USAGE),
  badAnswers: [
    ...badAnswers(MODEL),
    {
      name: "a gateway's rate limit under status 200",
      body: errorBody({ message: "The upstream is busy.", code: 429 }),
      kind: "rate_limit",
      usage: null,
    },
  ],
  refusals: [
    ...REFUSALS,
    {
      name: "an error as plain text in JSON",
      status: 400,
      body: JSON.stringify({ error: "the prompt is too long for this context window" }),
      kind: "context_length",
    },
    { name: "an empty balance", status: 402, body: errorBody({ message: "Insufficient Balance" }), kind: "quota" },
    {
      name: "a gateway's moderation",
      status: 403,
      body: errorBody({ code: 403, message: 'This model requires moderation. Your input was flagged for "harm".' }),
      kind: "content_policy",
    },
    {
      name: "a model that is not loaded",
      status: 400,
      body: JSON.stringify({ object: "error", message: "Model Not Exist", code: "invalid_request_error" }),
      kind: "model_not_found",
    },
  ],
};
