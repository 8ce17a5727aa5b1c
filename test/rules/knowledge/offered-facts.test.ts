import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOW_TO_OFFER, MAX_OFFERED, takeOffer } from "../../../src/knowledge/rules/offered-facts.ts";

const fact = (over: object = {}) => JSON.stringify({ category: "c", content: "x", confidence: 80, ...over });
const block = (...lines: string[]) => ["```swarm-knowledge", ...lines, "```"].join("\n");
const offer = (...lines: string[]) => takeOffer(`The answer.\n\n${block(...lines)}`);

describe("taking an offer out of an answer", () => {
  test("an answer without a block stays as it is, to the last space", () => {
    expect(takeOffer("  The answer.\n ")).toEqual({ text: "  The answer.\n ", facts: [], faults: [] });
  });

  test("the block at the end is taken out with its facts, cleaned", () => {
    const { text, facts, faults } = offer(fact({ category: " prices ", content: "VAT is\u0000 19 %. " }), "", fact());
    expect(text).toBe("The answer.");
    expect(faults).toEqual([]);
    expect(facts).toEqual([
      { category: "prices", content: "VAT is 19 %.", confidence: 80 },
      { category: "c", content: "x", confidence: 80 },
    ]);
  });

  test("the form that agents are told is one that is read", () => {
    const example = HOW_TO_OFFER.slice(HOW_TO_OFFER.indexOf("```"), HOW_TO_OFFER.lastIndexOf("```") + 3);
    expect(takeOffer(`Done.\n${example}`)).toMatchObject({ text: "Done.", facts: [{ confidence: 80 }], faults: [] });
  });

  test("line ends of Windows and a block that is the whole answer are read as well", () => {
    expect(takeOffer(block(fact()).replaceAll("\n", "\r\n"))).toMatchObject({ text: "", facts: [{ content: "x" }] });
  });

  test("a block that something follows is part of the answer, and so is one that only begins like one", () => {
    const quoted = `Agents write\n${block(fact())}\nat their end.`;
    expect(takeOffer(quoted)).toMatchObject({ text: quoted, facts: [], faults: [expect.any(String)] });
    const open = "Write\n```swarm-knowledge\nand then what you know.";
    expect(takeOffer(open)).toMatchObject({ text: open, facts: [] });
  });

  test("of several blocks the one at the end is read", () => {
    const answer = `For example\n${block(fact({ content: "not this" }))}\nis the form.\n${block(fact())}`;
    expect(takeOffer(answer)).toMatchObject({ facts: [{ content: "x" }], faults: [] });
  });

  test("a block that was cut off teaches nothing, and does not reach the reader", () => {
    const cut = takeOffer(`The answer.\n\`\`\`swarm-knowledge\n${fact()}\n{"category":"c","conte`);
    expect(cut).toEqual({ text: "The answer.", facts: [], faults: [expect.stringContaining("cut off")] });
  });

  test.each([
    ["not JSON", "prices: VAT is 19 %"],
    ["not a JSON object", "[1]"],
    ["and nothing else", fact({ source: "person" })],
    ["and nothing else", '{"category":"c","content":"x"}'],
    ["take text", fact({ content: 5 })],
    ["0 to 100", fact({ confidence: 101 })],
    ["0 to 100", fact({ confidence: "80" })],
    ["not empty", fact({ content: " \u0000 " })],
    ["at most 100 characters", fact({ category: "c".repeat(101) })],
    ["at most 1000 characters", fact({ content: "x".repeat(1_001) })],
  ])("a line that is wrong (%s) is left out, the others are kept, and its words are not told", (fault, line) => {
    const { text, facts, faults } = offer(line, fact({ content: "kept" }));
    expect(text).toBe("The answer.");
    expect(facts).toMatchObject([{ content: "kept" }]);
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^line 1: .*${fault}`))]);
    expect(faults.join()).not.toContain("VAT");
  });

  test("more facts than an answer may offer are left out, and told", () => {
    const lines = Array.from({ length: MAX_OFFERED + 3 }, (_, n) => fact({ content: `fact ${n}` }));
    const { facts, faults } = offer(...lines);
    expect(facts.map(({ content }) => content)).toEqual(["fact 0", "fact 1", "fact 2", "fact 3", "fact 4"]);
    expect(faults).toEqual([expect.stringContaining("3 more")]);
    expect(offer(...Array.from({ length: 999 }, () => "nonsense")).faults).toHaveLength(MAX_OFFERED);
  });

  test("whatever an answer holds, nothing throws and nothing but its end is lost", () => {
    const piece = fc.constantFrom(
      "```",
      "```swarm-knowledge",
      "```SWARM-KNOWLEDGE ",
      fact(),
      "{",
      "\n",
      "text",
      "\r\n",
      "\ud800",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), (pieces) => {
        const answer = pieces.join("");
        const { text, facts } = takeOffer(answer);
        expect(answer.startsWith(text)).toBe(true);
        expect(facts.length).toBeLessThanOrEqual(MAX_OFFERED);
      }),
    );
  });

  test("a megabyte of fences is read in no time", () => {
    const begun = performance.now();
    takeOffer(`${"```swarm-knowledge\n".repeat(50_000)}${" ".repeat(100_000)}`);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
