import { answer, badAnswers, REFUSALS, USAGE, WIRE_USAGE } from "./chat-completions.ts";
import { TEXT, type WireTable } from "./wire.ts";

const ANSWERING = "gpt-4.1-2025-04-14";

export const openAiWire: WireTable = {
  provider: "openai",
  model: "gpt-4.1",
  baseUrl: "https://openai.test/v1",
  url: "https://openai.test/v1/chat/completions",
  keyHeader: { name: "Authorization", value: (key) => `Bearer ${key}` },
  requestBody: {
    model: "gpt-4.1",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Say hello." },
    ],
    max_completion_tokens: 500,
    temperature: 0.5,
    top_p: 0.9,
    stop: ["END"],
  },
  success: { body: answer(ANSWERING, { content: TEXT }, "stop", WIRE_USAGE), model: ANSWERING, usage: USAGE },
  successWithoutUsage: answer(ANSWERING, { content: TEXT }, "stop"),
  cutByLength: answer(ANSWERING, { content: TEXT }, "length", WIRE_USAGE),
  badAnswers: badAnswers(ANSWERING),
  refusals: REFUSALS,
};
