import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  assertDefinitionSize,
  canonicalJson,
  contentHash,
  type Definition,
  definitionSchema,
} from "../../../src/definitions/index.ts";
import { definitionArb, definitionOf } from "../../support/definition-arb.ts";

/** The same document with the members of every object in reverse, and something undefined in each. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).toReversed();
  return Object.fromEntries([...members.map(([name, member]) => [name, shuffled(member)]), ["nothing", undefined]]);
}

const isDefinition = (value: unknown): value is Definition => typeof value === "object" && value !== null;

describe("canonical JSON", () => {
  it("is the same whatever the order of members, and for absent and undefined fields", () => {
    fc.assert(
      fc.property(definitionArb(), (definition) => {
        const other = shuffled(definition);
        if (!isDefinition(other)) throw new Error("unreachable");
        expect(canonicalJson(other)).toBe(canonicalJson(definition));
      }),
    );
  });

  it("gives the same bytes again once it was parsed, and still the same document", () => {
    fc.assert(
      fc.property(definitionArb(), (definition) => {
        const text = canonicalJson(definition);
        const parsed = definitionSchema.parse(JSON.parse(text));
        expect(canonicalJson(parsed)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(definition)));
      }),
    );
  });

  it("sorts names by UTF-16 code units, also those that look like numbers", () => {
    const definition = definitionOf(["a"]);
    const [node] = definition.nodes;
    if (node === undefined) throw new Error("unreachable");
    const text = canonicalJson({ ...definition, nodes: [{ ...node, data: { é: 1, b: 2, "9": 3, "10": 4, Z: -0 } }] });
    expect(text).toContain('"data":{"10":4,"9":3,"Z":0,"b":2,"é":1}');
  });

  it("keeps the order of nodes, because ties are decided by it", () => {
    expect(canonicalJson(definitionOf(["a", "b"]))).not.toBe(canonicalJson(definitionOf(["b", "a"])));
  });

  it("is hashed with SHA-256", async () => {
    const definition = definitionOf(["a"]);
    const expected = createHash("sha256").update(canonicalJson(definition)).digest("hex");
    expect(await contentHash(definition)).toBe(expected);
  });

  it("refuses a definition over one megabyte by its bytes, not its characters", () => {
    const large = definitionOf(Array.from({ length: 20 }, (_, index) => `n${index}`));
    const filled = (text: string) => ({ ...large, agents: large.agents.map((agent) => ({ ...agent, prompt: text })) });
    expect(() => assertDefinitionSize(filled("x".repeat(40_000)))).not.toThrow();
    expect(() => assertDefinitionSize(filled("€".repeat(20_000)))).toThrow(/larger than 1048576 bytes/);
  });
});
