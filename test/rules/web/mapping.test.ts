import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyMapping, validateMapping } from "../../../src/webhooks/mapping.ts";
import { mappingOf, placeOf, rowFaults, rowsOf } from "../../../web/src/features/webhooks/mapping-rows.ts";
import { expressionOf, fieldNameOf, type ValuePath } from "../../../web/src/features/webhooks/value-path.ts";
import { isUnfinished } from "../../../web/src/lib/unfinished.ts";

/** Every value in JSON with the way to it. */
function* valuesIn(value: unknown, path: ValuePath = []): Generator<[ValuePath, unknown]> {
  yield [path, value];
  if (typeof value !== "object" || value === null) return;
  const members: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, place) => [place, item])
    : Object.entries(value);
  for (const [step, inner] of members) yield* valuesIn(inner, [...path, step]);
}

describe("a value that is clicked", () => {
  it("is found by the path that is made for it, whatever its keys hold", () => {
    const key = fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constantFrom(
        "a",
        "user-agent",
        "0",
        "a.b",
        "a[0]",
        '"',
        "\\",
        "let",
        "in",
        "naïve",
        "x y",
        "$",
        "@",
        "!",
        "\n",
      ),
    );
    const { payload } = fc.letrec((tie) => ({
      payload: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(null, true, 1, "text"),
        fc.array(tie("payload"), { maxLength: 3 }),
        fc.dictionary(
          key.filter((name) => name !== "__proto__"),
          tie("payload"),
          { maxKeys: 3 },
        ),
      ),
    }));
    fc.assert(
      fc.property(payload, (value) => {
        for (const [path, wanted] of valuesIn(value)) {
          const mapping = { found: expressionOf(path) };
          expect(validateMapping(mapping), expressionOf(path)).toEqual([]);
          expect(applyMapping(mapping, value), expressionOf(path)).toEqual({ ok: true, input: { found: wanted } });
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    [["issue", "labels", 0, "name"], "issue.labels[0].name"],
    [["headers", "user-agent"], 'headers."user-agent"'],
    [[0, "id"], "[0].id"],
    [[], "@"],
  ])("at %j is written %s", (path, expression) => {
    expect(expressionOf(path)).toBe(expression);
  });

  it("names its field by the last name on the way, once", () => {
    expect(fieldNameOf(["issue", "labels", 0], [])).toBe("labels");
    expect(fieldNameOf(["issue", "title"], ["title", "title2"])).toBe("title3");
    expect([fieldNameOf([0], []), fieldNameOf(["a", "wow!"], []), fieldNameOf(["__proto__"], [])]).toEqual([
      "value",
      "a",
      "value",
    ]);
    expect(validateMapping({ [fieldNameOf(["x".repeat(500)], ["x".repeat(120)])]: "a" })).toEqual([]);
  });
});

describe("the rows of a mapping", () => {
  it("come back as they were, with required ones marked", () => {
    const mapping = { "title!": "issue.title", labels: "issue.labels[].name" };
    expect(rowsOf(mapping).map(({ field, required }) => [field, required])).toEqual([
      ["title", true],
      ["labels", false],
    ]);
    expect(mappingOf(rowsOf(mapping))).toEqual(mapping);
    expect([mappingOf([]), mappingOf([{ key: "1", field: " ", required: true, expression: "" }])]).toEqual([
      null,
      null,
    ]);
  });

  it("say what is missing or twice, at the row", () => {
    const row = (key: string, field: string, expression: string) => ({ key, field, required: key === "4", expression });
    const faults = rowFaults([
      row("1", "", "a"),
      row("2", "b", ""),
      row("3", "c", "c"),
      row("4", "c", "d"),
      row("5", "", ""),
    ]);
    expect([...faults.keys()]).toEqual(["1", "2", "4"]);
  });

  it("stand where the API says that a fault is", () => {
    for (const field of ["title", "odd name", 'a"b']) {
      const [row] = rowsOf({ [`${field}!`]: "missing" });
      const applied = applyMapping({ [`${field}!`]: "missing" }, {});
      expect(applied.ok ? [] : applied.faults.map(({ path }) => path)).toEqual([row && placeOf(row)]);
    }
  });
});

describe("an expression that is being typed", () => {
  const WHOLE = [
    ...["a", "user-agent", "a-", "a.b[0]", "labels[*].name", "*", "a[?b == `1`].c", "a && b", "length(a) > `2`"],
    "join(', [', a)",
    '"a[".b',
    "'it\\'s'",
  ];
  it.each(["a.", "a[", "a[?b", "a &&", "a ||", "a | ", "join(', '", '"a', "{b: ", "a ==", "length(a) >"])(
    "is not asked about as long as it ends as %s",
    (expression) => {
      expect(isUnfinished(expression)).toBe(true);
      expect(validateMapping({ field: expression })).not.toEqual([]);
    },
  );

  it.each(WHOLE)("is asked about as %s", (expression) => {
    expect(isUnfinished(expression)).toBe(false);
    expect(validateMapping({ field: expression })).toEqual([]);
  });

  it("is asked about whenever it was made by a click", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.nat({ max: 9 })), { minLength: 1, maxLength: 4 }), (path) => {
        expect(isUnfinished(expressionOf(path))).toBe(false);
      }),
    );
  });
});
