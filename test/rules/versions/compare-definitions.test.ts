import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Definition, definitionSchema } from "../../../src/definitions/index.ts";
import { compareDefinitions } from "../../../src/versions/rules/compare-definitions.ts";
import { definitionArb } from "../../support/definition-arb.ts";

const agent = {
  id: "a1",
  nodeId: "n1",
  name: "Writer",
  role: "writer",
  provider: "openai",
  model: "gpt-4.1",
  prompt: "Write.",
  capabilities: ["text"],
};
const node = { id: "n1", type: "agent", position: { x: 0, y: 0 } };

/** A definition of one node, with what a test changes in it. */
function definition(over: Record<string, unknown> = {}): Definition {
  return definitionSchema.parse({ nodes: [node], edges: [], agents: [agent], settings: {}, ...over });
}

describe("comparing definitions", () => {
  test("a changed field is told by its path, with both sides", () => {
    const diff = compareDefinitions(
      definition(),
      definition({ agents: [{ ...agent, prompt: "Write more.", temperature: 1 }] }),
    );
    expect(diff.summary).toMatchObject({ agentsModified: 1, agentsAdded: 0, agentsRemoved: 0, nodesModified: 0 });
    expect(diff.changes.agents).toEqual([
      {
        id: "a1",
        kind: "modified",
        fields: [
          { path: "prompt", before: "Write.", after: "Write more." },
          { path: "temperature", before: 0.7, after: 1 },
        ],
      },
    ]);
  });

  test("what is added or removed shows its fields against nothing", () => {
    const edge = { id: "e1", source: "n1", target: "n2" };
    const two = definition({ nodes: [node, { ...node, id: "n2" }], edges: [edge] });
    expect(compareDefinitions(definition(), two).changes.edges).toEqual([
      {
        id: "e1",
        kind: "added",
        fields: [
          { path: "id", before: null, after: "e1" },
          { path: "source", before: null, after: "n1" },
          { path: "target", before: null, after: "n2" },
        ],
      },
    ]);
    const back = compareDefinitions(two, definition());
    expect(back.summary).toMatchObject({ nodesRemoved: 1, edgesRemoved: 1 });
  });

  test("members of a node's data are told apart, whatever their names", () => {
    const withData = (json: string) => definition({ nodes: [{ ...node, data: JSON.parse(json) }] });
    const fields = (before: string, after: string) =>
      compareDefinitions(withData(before), withData(after)).changes.nodes.flatMap((change) => change.fields);
    // Names that every object inherits are found everywhere by a look that does not ask for own members.
    for (const name of ["constructor", "toString"]) {
      expect(fields("{}", `{"${name}": 1}`)).toEqual([{ path: `data.${name}`, before: null, after: 1 }]);
      expect(fields(`{"${name}": 1}`, "{}")).toEqual([{ path: `data.${name}`, before: 1, after: null }]);
    }
    expect(fields('{"a.b": 1, "a": {"b": 1}}', '{"a.b": 2, "a": {"b": 3}}').map(({ after }) => after)).toEqual([2, 3]);
    expect(fields('{"a": [{"x": 1, "y": 2}]}', '{"a": [{"y": 2, "x": 1}]}')).toEqual([]);
    expect(fields('{"a": [1]}', '{"a": {"0": 1}}')).toEqual([{ path: "data.a", before: [1], after: { "0": 1 } }]);
  });

  test("a node that only stands elsewhere is moved, not modified", () => {
    const moved = compareDefinitions(definition(), definition({ nodes: [{ ...node, position: { x: 5, y: 0 } }] }));
    expect(moved.summary).toMatchObject({ nodesMoved: 1, nodesModified: 0 });
    expect(moved.changes.nodes).toMatchObject([{ moved: true, fields: [{ path: "position.x", before: 0, after: 5 }] }]);
    const changed = definition({ nodes: [{ ...node, position: { x: 5, y: 0 }, data: { color: "red" } }] });
    expect(compareDefinitions(definition(), changed).summary).toMatchObject({ nodesMoved: 0, nodesModified: 1 });
  });

  test("an agent that got another id on the same node is the same agent", () => {
    const diff = compareDefinitions(definition(), definition({ agents: [{ ...agent, id: "a2" }] }));
    expect(diff.summary).toMatchObject({ agentsModified: 1, agentsAdded: 0, agentsRemoved: 0 });
    expect(diff.changes.agents[0]?.fields).toEqual([{ path: "id", before: "a1", after: "a2" }]);
  });

  test("two agents that swapped their nodes are matched by id", () => {
    const other = { ...agent, id: "a2", nodeId: "n2" };
    const nodes = [node, { ...node, id: "n2" }];
    const before = definition({ nodes, agents: [agent, other] });
    const after = definition({
      nodes,
      agents: [
        { ...agent, nodeId: "n2" },
        { ...other, nodeId: "n1" },
      ],
    });
    expect(compareDefinitions(before, after).changes.agents.map((change) => change.fields)).toEqual([
      [{ path: "nodeId", before: "n1", after: "n2" }],
      [{ path: "nodeId", before: "n2", after: "n1" }],
    ]);
  });

  test("a list is compared as a whole, and a nested field by its own path", () => {
    const before = definition({ agents: [{ ...agent, fallback: { retries: 1 } }] });
    const after = definition({ agents: [{ ...agent, capabilities: ["text", "code"], fallback: { retries: 2 } }] });
    expect(compareDefinitions(before, after).changes.agents[0]?.fields).toEqual([
      { path: "capabilities", before: ["text"], after: ["text", "code"] },
      { path: "fallback.retries", before: 1, after: 2 },
    ]);
  });

  test("settings are one change with their fields", () => {
    const diff = compareDefinitions(definition(), definition({ settings: { maxParallel: 2 } }));
    expect(diff.changes.settings).toEqual([
      { id: "settings", kind: "modified", fields: [{ path: "maxParallel", before: null, after: 2 }] },
    ]);
  });

  describe("another order", () => {
    const nodes = ["n1", "n2", "n3"].map((id) => ({ ...node, id }));
    const edges = ["n2", "n3"].map((target) => ({ id: `to-${target}`, source: "n1", target }));
    const agents = ["n1", "n2", "n3"].map((nodeId) => ({ ...agent, id: `of-${nodeId}`, nodeId }));
    const whole = { nodes, edges, agents };
    const reordered = (over: Record<string, unknown>) =>
      compareDefinitions(definition(whole), definition({ ...whole, ...over })).summary.reordered;

    test.each(Object.entries(whole))("of %s alone is told, though no part of it changed", (part, items) => {
      expect(reordered({ [part]: items.toReversed() })).toBe(true);
    });

    test("is not what comes of adding, removing or changing a part", () => {
      expect(reordered({})).toBe(false);
      expect(reordered({ nodes: [{ ...node, id: "new" }, ...nodes] })).toBe(false);
      expect(reordered({ edges: edges.slice(1) })).toBe(false);
      expect(reordered({ agents: agents.map((each) => ({ ...each, id: `renamed-${each.id}` })) })).toBe(false);
    });

    test("is told beside other changes", () => {
      expect(reordered({ nodes: [...nodes.slice(1).toReversed(), { ...node, id: "new" }] })).toBe(true);
    });
  });

  test("a definition differs from itself in nothing but the order in which its parts stand", () => {
    fc.assert(
      fc.property(definitionArb({ maxNodes: 8 }), (one) => {
        const shuffled = {
          ...one,
          nodes: one.nodes.toReversed(),
          edges: one.edges.toReversed(),
          agents: one.agents.toReversed(),
        };
        const { changes, summary } = compareDefinitions(one, shuffled);
        expect(changes).toEqual({ nodes: [], edges: [], agents: [], settings: [] });
        expect(summary.reordered).toBe([one.nodes, one.edges, one.agents].some((items) => items.length > 1));
      }),
      { numRuns: 50 },
    );
  });

  test("what one direction adds the other removes", () => {
    fc.assert(
      fc.property(definitionArb({ maxNodes: 6 }), definitionArb({ maxNodes: 6 }), (one, other) => {
        const there = compareDefinitions(one, other).summary;
        const back = compareDefinitions(other, one).summary;
        expect([there.nodesAdded, there.edgesAdded, there.agentsAdded]).toEqual([
          back.nodesRemoved,
          back.edgesRemoved,
          back.agentsRemoved,
        ]);
        expect(there.agentsModified).toBe(back.agentsModified);
      }),
      { numRuns: 50 },
    );
  });
});
