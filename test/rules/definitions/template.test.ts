import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTemplate, renderTemplate, TemplateTooLarge } from "../../../src/definitions/index.ts";

const values = {
  input: { name: "Ada", list: [{ id: 7 }, "two"], nothing: null, braces: "{{steps.secret.output}}" },
  outputs: { secret: "hidden", first: "It is done.", scored: '{"score":9,"tags":["a"]}' },
};

const render = (text: string) => renderTemplate(parseTemplate(text), values);

describe("a prompt template", () => {
  it.each([
    ["no braces at all }} {", "no braces at all }} {"],
    ["Hello {{input.name}}!", "Hello Ada!"],
    ["{{ input.name }}{{input.list.0.id}}", "Ada7"],
    ["{{input.list.1}} {{input.nothing}}", "two null"],
    ["{{steps.first.output}}", "It is done."],
    ["{{steps.scored.output.score}} {{steps.scored.output.tags}}", '9 ["a"]'],
    ["[{{steps.skipped.output}}][{{input.missing.deep}}][{{steps.first.output.field}}]", "[][][]"],
    ["[{{input.constructor}}][{{input.__proto__}}][{{steps.__proto__.output}}][{{input.list.length}}]", "[][][][]"],
    ["\\{{input}} is how to write {{input.name}}", "{{input}} is how to write Ada"],
    ['{"a":{"b":{{input.list.0}}}}', '{"a":{"b":{"id":7}}}'],
    ["{{input.name}}}", "Ada}"],
  ])("renders %j as %j", (text, expected) => {
    expect(parseTemplate(text).faults).toEqual([]);
    expect(render(text)).toBe(expected);
  });

  it("inserts a whole input that is an object as JSON, and a text as it is", () => {
    expect(renderTemplate(parseTemplate("{{input}}"), { input: { a: [1] }, outputs: {} })).toBe('{"a":[1]}');
    expect(renderTemplate(parseTemplate("{{input}}"), { input: "plain", outputs: {} })).toBe("plain");
    expect(renderTemplate(parseTemplate("{{input}}"), { input: undefined, outputs: {} })).toBe("");
  });

  it("takes outputs from a map as well", () => {
    const outputs = new Map([["first", "mapped"]]);
    expect(renderTemplate(parseTemplate("{{steps.first.output}}"), { input: null, outputs })).toBe("mapped");
  });

  it.each([
    ["{{inputs}}", 0, /Only \{\{input\}\}/],
    ["a {{ }}", 2, /Only/],
    ["{{input[0]}}", 0, /Only/],
    ["{{input.a..b}}", 0, /single dots/],
    ["{{input.a b}}", 0, /single dots/],
    ["{{steps.x}}", 0, /has an output only: \{\{steps\.x\.output\}\}/],
    ["{{steps.x.text}}", 0, /has an output only/],
    ["{{steps.n 1.output}}", 0, /Name a node/],
    ["{{#if input}}yes{{/if}}", 0, /Only/],
    ["so {{input", 3, /never closed/],
  ])("finds the fault in %j", (text, index, message) => {
    const [fault] = parseTemplate(text).faults;
    expect(fault).toMatchObject({ index, message: expect.stringMatching(message) });
    expect(render(text)).toContain(text.slice(index, index + 4));
  });

  it("names every reference, for what the prompt has to wait for", () => {
    expect(parseTemplate("{{input.a}} {{steps.x.output}} {{steps.y.output.b}}").references).toEqual([
      { kind: "input", path: ["a"] },
      { kind: "step", nodeId: "x", path: [] },
      { kind: "step", nodeId: "y", path: ["b"] },
    ]);
  });

  it("never reads inserted text as a template", () => {
    expect(render("{{input.braces}}")).toBe("{{steps.secret.output}}");
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, inserted) => {
        fc.pre(!before.includes("{") && !before.endsWith("\\"));
        const tricky = `${inserted}{{steps.secret.output}}`;
        const template = parseTemplate(`${before}{{input}}{{steps.a.output}}`);
        expect(renderTemplate(template, { input: tricky, outputs: { a: tricky, secret: "hidden" } })).toBe(
          before + tricky + tricky,
        );
      }),
    );
  });

  it("is total: any text has parts, and renders", () => {
    const piece = fc.constantFrom("{{", "}}", "\\", "input", "steps", ".", "output", " ", "{", "}", "x", "é\ud800");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join("")),
        ),
        (text) => {
          const template = parseTemplate(text);
          expect(typeof renderTemplate(template, { input: 1, outputs: {} })).toBe("string");
          if (template.references.length + template.faults.length === 0)
            expect(render(text)).toBe(text.replaceAll("\\{{", "{{"));
        },
      ),
    );
  });

  it("stops before a prompt grows past its bound, counted in bytes", () => {
    const template = parseTemplate("{{input}}".repeat(5));
    expect(() => renderTemplate(template, { input: "x".repeat(1_000_000), outputs: {} })).toThrow(TemplateTooLarge);
    expect(() => renderTemplate(template, { input: "€".repeat(300_000), outputs: {} })).toThrow(TemplateTooLarge);
    expect(renderTemplate(template, { input: "x".repeat(800_000), outputs: {} })).toHaveLength(4_000_000);
  });

  it("reads 64 KB of opening braces in one pass", () => {
    expect(parseTemplate("{{".repeat(32_000)).faults).toHaveLength(1);
    expect(parseTemplate("{{}}".repeat(16_000)).faults).toHaveLength(16_000);
  });
});
