import { expect, test } from "vitest";
import { simulatedReply } from "../../../scripts/local/simulated-reply.ts";

const request = { model: "some-model", system: "\n You are a critic.\nBe brief.", input: "one two  three" };

test("a reply says that it is simulated, whose it is and what it was given", () => {
  const { text } = simulatedReply(request);
  expect(text).toContain("Simulated reply of some-model");
  expect(text).toContain("Asked to be: You are a critic.");
  expect(text).toContain("Given 3 words: one two three");
});

test("the same request gets the same reply and the same token counts", () => {
  expect(simulatedReply(request)).toEqual(simulatedReply({ ...request }));
});

test("a long input is cut between words, and its tokens are counted whole", () => {
  const input = "word ".repeat(1_000);
  const { text, inputTokens } = simulatedReply({ ...request, input });
  expect(text.length).toBeLessThan(500);
  expect(text).toMatch(/word \.\.\.$/);
  expect(inputTokens).toBeGreaterThan(1_000);
});

test("neither a missing prompt nor an empty input breaks it", () => {
  const { text, outputTokens } = simulatedReply({ model: "m", system: "", input: " " });
  expect(text).toContain("no system prompt");
  expect(text).toContain("There was no input.");
  expect(outputTokens).toBeGreaterThan(0);
});
