import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkInput, inputSchemaFaults } from "../../../src/definitions/index.ts";

const order = {
  type: "object",
  required: ["customer", "items"],
  additionalProperties: false,
  properties: {
    customer: { $ref: "#/$defs/customer" },
    items: { type: "array", minItems: 1, uniqueItems: true, items: { $ref: "#/$defs/item" } },
    pattern: { type: "string", description: "a field may have this name" },
  },
  $defs: {
    customer: { type: "object", required: ["name"], properties: { name: { type: "string", minLength: 2 } } },
    item: { type: "object", properties: { count: { type: "integer", minimum: 1 }, day: { format: "date" } } },
  },
};

describe("the schema of inputs", () => {
  it("accepts an input that fits", () => {
    const input = { customer: { name: "Ada" }, items: [{ count: 1, day: "2026-02-28" }], pattern: "x" };
    expect(checkInput(order, input)).toEqual([]);
  });

  it("names every fault with its place in the input", () => {
    const input = { customer: { name: "A" }, items: [{ count: 1 }, { count: 0, day: "2026-02-30" }], "a/b c": 1 };
    expect(
      checkInput(order, input)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(["a/b c", "customer.name", "items[1].count", "items[1].day"]);
    expect(checkInput(order, undefined)).toEqual([{ path: "", message: expect.stringContaining('"null" is invalid') }]);
    expect(checkInput(order, { customer: { name: "Ada" } })).toEqual([
      { path: "", message: expect.stringContaining('"items"') },
    ]);
  });

  it("treats names that every object inherits as missing", () => {
    expect(checkInput({ required: ["constructor"] }, {})).toHaveLength(1);
    expect(checkInput({ properties: { constructor: { type: "string" } } }, {})).toEqual([]);
  });

  it.each([
    [{ type: "text" }, "type"],
    [{ properties: { a: { minLength: -1 } } }, "properties.a.minLength"],
    [{ anyOf: [{}, { pattern: "(a+)+$" }] }, "anyOf[1].pattern"],
    [{ patternProperties: { "^a": {} } }, "patternProperties"],
    [{ format: "url" }, "format"],
    [{ items: [{}] }, "items"],
    [{ $ref: "https://example.com/schema" }, "$ref"],
    [{ $ref: "#/$defs/nobody" }, "$ref"],
    [{ $ref: "#/constructor" }, "$ref"],
    [{ $ref: "#/%ff" }, "$ref"],
    [{ $id: "https://example.com" }, "$id"],
    [{ properties: { child: { $ref: "#" } } }, "properties.child.$ref"],
  ])("refuses %j", (schema, path) => {
    expect(inputSchemaFaults(schema)).toEqual([{ path, message: expect.any(String) }]);
  });

  it("refuses a reference that comes back to itself by a detour", () => {
    const schema = {
      $ref: "#/$defs/a",
      $defs: { a: { allOf: [{ $ref: "#/$defs/b" }] }, b: { not: { $ref: "#/$defs/a" } } },
    };
    expect(inputSchemaFaults(schema)).toEqual([
      { path: expect.any(String), message: expect.stringContaining("recursive") },
    ]);
  });

  it("refuses a schema that doubles at every level", () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const next = { $ref: `#/$defs/d${level + 1}` };
      return [`d${level}`, { allOf: [next, next] }];
    });
    const schema = { $ref: "#/$defs/d0", $defs: { ...Object.fromEntries(levels), d30: {} } };
    expect(inputSchemaFaults(schema)).toEqual([
      { path: expect.any(String), message: expect.stringContaining("2000 parts") },
    ]);
  });

  it("ignores annotations, whatever they hold", () => {
    expect(
      inputSchemaFaults({ title: "Order", examples: [{ pattern: "x" }], "x-ui": { $ref: 5, pattern: "y" } }),
    ).toEqual([]);
    expect(checkInput({ default: { pattern: "x" }, const: { pattern: "x" } }, { pattern: "x" })).toEqual([]);
  });

  it("does not change the schema it was given", () => {
    const frozen = Object.freeze({ properties: Object.freeze({ a: Object.freeze({ type: "string" }) }) });
    expect(checkInput(frozen, { a: 1 })).toEqual([{ path: "a", message: expect.any(String) }]);
  });

  it("answers with a bounded number of faults, however many there are", () => {
    const input = Array.from({ length: 100_000 }, () => "x");
    expect(checkInput({ items: { type: "number" } }, input).length).toBeLessThanOrEqual(50);
    expect(checkInput({ items: { type: "number" } }, input).length).toBeGreaterThan(0);
  });

  it("refuses inputs that would take too long against their schema", () => {
    const wide = { items: { anyOf: Array.from({ length: 1_000 }, () => ({ type: "object" })) } };
    expect(checkInput(wide, Array(50_000).fill(1))).toMatchObject([{ message: expect.stringContaining("too large") }]);
    expect(checkInput({ uniqueItems: true }, [...Array(2_001).keys()])).toMatchObject([
      { message: expect.stringContaining("2000 items") },
    ]);
    expect(checkInput({ uniqueItems: true }, [1, 1])).toHaveLength(1);
  });

  it("is total on any schema and any input", () => {
    const keyword = fc.constantFrom(
      "type",
      "properties",
      "items",
      "$ref",
      "enum",
      "required",
      "allOf",
      "not",
      "const",
      "a",
    );
    const schemas = fc.dictionary(
      keyword,
      fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.dictionary(keyword, fc.jsonValue({ maxDepth: 1 }))),
    );
    fc.assert(
      fc.property(schemas, fc.jsonValue(), (schema, input) => {
        expect(Array.isArray(checkInput(schema, input))).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(checkInput({ additionalProperties: { type: "string" } }, { "\ud800": 1 })).toHaveLength(1);
  });
});
