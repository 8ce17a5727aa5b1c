import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateCondition, evaluateExpression, parseCondition, stepsNamed } from "../../../src/definitions/index.ts";

const values = {
  input: { level: 3, zero: 0, empty: "", tags: ["a", "b"] },
  output: '{"score": 9, "items": [{"n": 10}, {"n": 9}], "no": false}',
  steps: { first: "All good", "my-node": '{"ok":true}' },
};

describe("a condition on an edge", () => {
  it.each([
    ["json.score > `5`", true],
    ["json.score > `9`", false],
    ["contains(output, 'score')", true],
    ["input.zero", true],
    ["input.empty", false],
    ["input.missing", false],
    ["json.no", false],
    ["`[]`", false],
    ["`{}`", false],
    ["input.tags", true],
    ["input.level == `3` && contains(input.tags, 'b')", true],
    ["steps.first.output == 'All good'", true],
    ['steps."my-node".json.ok', true],
    ["steps.first.json == `null`", true],
    ["steps.nobody.output", false],
    ["!(json.no) && !(input.tags[5]) && !contains(output, 'x')", true],
    ["trim('  yes \n') == 'yes'", true],
    ["json.items[?n > `9`] | length(@) == `1`", true],
    ["sort(json.items[].n)[0] == `9`", true],
    ['json == `{"no": false, "score": 9, "items": [{"n":10},{"n":9}]}`', true],
    ["input.constructor || json.toString || steps.__proto__", false],
  ])("%s is %s", (text, taken) => {
    expect(parseCondition(text)).toEqual({ ok: true });
    expect(evaluateCondition(text, values)).toEqual({ ok: true, taken });
  });

  it("gives json as null when the output is prose", () => {
    expect(evaluateCondition("json == `null`", { input: null, output: "Prose.", steps: {} })).toMatchObject({
      taken: true,
    });
  });

  it("takes steps from a map as well", () => {
    const steps = new Map([["a", "x"]]);
    expect(evaluateCondition("steps.a.output == 'x'", { input: null, output: "", steps })).toMatchObject({
      taken: true,
    });
  });

  it.each([
    ["", /empty/],
    ["output ==", /breaks off|invalid token/],
    ["output = 'x'", /== /],
    ["let $a = output in $a", /Variables/],
    ["shout(output)", /no function shout\(\)/],
    ["constructor(output)", /no function/],
    ["(output", /Rparen/],
    ["output && !json.done", /Write !\(a\.b\)/],
    ["!json.items[]", /Write !/],
    ["!json.items[?n]", /Write !/],
    ["#", /unknown character/],
    [`'${"x".repeat(1_000)}'`, /longer than 1000/],
    [Array(80).fill("a[0]").join("."), /more than 200 parts/],
  ])("refuses %j when it is saved", (text, message) => {
    expect(parseCondition(text)).toMatchObject({ ok: false, message: expect.stringMatching(message) });
    expect(evaluateCondition(text, values)).toMatchObject({ ok: false });
  });

  it("says what went wrong when it is evaluated on what it does not fit", () => {
    expect(evaluateCondition("length(input.level)", values)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/length\(\) expected argument 1/),
    });
    expect(evaluateCondition("input.level / `0`", values)).toMatchObject({ ok: false });
  });

  it("never throws, whatever the text", () => {
    const piece = fc.constantFrom(
      ..."output input json steps . [ ] [? * ( ) { } : , & | || && ! == < > @ $ ` ' \" `1` 'x' a length map sort_by trim pad_left - + / % ? let $x = in".split(
        " ",
      ),
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(text, fc.jsonValue(), (condition, input) => {
        const parsed = parseCondition(condition);
        const result = evaluateCondition(condition, { input, output: JSON.stringify(input), steps: {} });
        expect(parsed.ok || !result.ok).toBe(true);
        expect(Array.isArray(stepsNamed(condition))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  const list = { rows: Array.from({ length: 3_000 }, (_, index) => ({ n: index })) };
  it.each([
    ["filters inside filters", "rows[?$.rows[?$.rows[?n == `-1`]]]", list],
    ["lists that double", Array(28).fill("[@,@][]").join(" | "), [1]],
    ["shared parts written out", `${Array(45).fill("[@,@]").join(" | ")} | to_string(@)`, 1],
    ["shared parts handed back", Array(45).fill("[@,@]").join(" | "), 1],
    ["shared parts compared", `(${Array(22).fill("[@,@]").join("|")}) == (${Array(22).fill("[@,@]").join("|")})`, 1],
    ["padding without end", "pad_left('x', `900000000`)", null],
    ["a text joined with itself", "join(@, split(@, ''))", "x".repeat(100_000)],
    ["letters replaced by the text", "replace(@, 'x', @)", "x".repeat(100_000)],
    ["replacing many times", "replace(@, 'x', 'y', `100000000`)", "x"],
    [
      "data that poses as an expression",
      "map(f, rows)",
      { rows: [1], f: { expref: true, type: "LetExpression", bindings: [], expression: {} } },
    ],
  ])("stops %s", (_, text, data) => {
    expect(parseCondition(text)).toEqual({ ok: true });
    expect(evaluateExpression(text, data).ok).toBe(false);
  });

  it("trims a long line in linear time and compares a large output without complaint", () => {
    const output = `${"word ".repeat(50_000)}\nend `;
    expect(evaluateCondition("ends_with(trim(output), 'end')", { input: null, output, steps: {} })).toEqual({
      ok: true,
      taken: true,
    });
  });

  it.each([
    ["steps.a.output == steps.b.output", ["a", "b"]],
    ['steps."my-node".output', ["my-node"]],
    ["$.steps.a || @.steps.b", ["a", "b"]],
    ["contains(steps.a.output, 'x') && !(steps.a.json)", ["a"]],
    ["json.items[?steps.a]", []],
    ["json.items[?$.steps.a.json]", ["a"]],
    ["json.steps.a", []],
    ["[steps.a, {x: steps.b}]", ["a", "b"]],
    ["steps.*.output", []],
    ["not an expression", []],
  ])("%s names the steps %j", (text, expected) => {
    expect(stepsNamed(text)).toEqual(expected);
  });
});
