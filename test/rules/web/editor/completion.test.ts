import { describe, expect, it } from "vitest";
import { completed, completionAt } from "../../../../web/src/features/editor/state/completion.ts";

const known = [
  { reference: "input", label: "Input of the workflow" },
  { reference: "steps.facts.output", label: "Output of Facts" },
];
/** `|` is the caret. */
const at = (text: string) => completionAt(text.replace("|", ""), text.indexOf("|"), known);
const offered = (text: string) => at(text)?.variables.map(({ reference }) => reference) ?? null;

describe("what a prompt is offered", () => {
  it("is everything right after the braces, and less with each letter, by reference or by name", () => {
    expect(offered("Write on {{|")).toEqual(["input", "steps.facts.output"]);
    expect(offered("Write on {{ste|")).toEqual(["steps.facts.output"]);
    expect(offered("Write on {{ fac|")).toEqual(["steps.facts.output"]);
    expect(offered("{{INP|")).toEqual(["input"]);
  });

  it.each(["Write on {|", "{{input}} and |", "|{{input", "\\{{|", "{{nothing like it|", "{{a\nb|", "{|{"])(
    "is nothing in %j",
    (text) => {
      expect(offered(text)).toBeNull();
    },
  );

  it("takes the place of what was written of it, closing braces too, and leaves the caret behind", () => {
    const write = (text: string) => {
      const found = at(text);
      const [variable] = found?.variables ?? [];
      return found && variable ? completed(text.replace("|", ""), found, variable) : null;
    };
    expect(write("On {{inp|")).toEqual({ text: "On {{input}}", caret: 12 });
    expect(write("On {{inp|ut}} now")).toEqual({ text: "On {{input}} now", caret: 12 });
    expect(write("On {{| and {{input}}")).toEqual({ text: "On {{input}} and {{input}}", caret: 12 });
  });
});
