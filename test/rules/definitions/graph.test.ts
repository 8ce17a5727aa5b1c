import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ancestorsOf, graphOf, MAX_NODES, topologicalOrder } from "../../../src/definitions/index.ts";
import { definitionArb, definitionOf } from "../../support/definition-arb.ts";

describe("the graph of a definition", () => {
  it("puts every edge's source before its target", () => {
    fc.assert(
      fc.property(definitionArb({ maxNodes: 14 }), (definition) => {
        const order = topologicalOrder(definition) ?? [];
        expect(new Set(order)).toEqual(new Set(definition.nodes.map((node) => node.id)));
        expect(order).toHaveLength(definition.nodes.length);
        for (const { source, target } of definition.edges) {
          expect(order.indexOf(source)).toBeLessThan(order.indexOf(target));
        }
      }),
    );
  });

  it("does not depend on the order of the edges", () => {
    fc.assert(
      fc.property(definitionArb(), (definition) => {
        const turned = { ...definition, edges: definition.edges.toReversed() };
        expect(topologicalOrder(turned)).toEqual(topologicalOrder(definition));
      }),
    );
  });

  it("decides ties by the place of the node in the definition", () => {
    const definition = definitionOf(
      ["z", "a", "m", "end"],
      [
        ["m", "end"],
        ["z", "end"],
        ["a", "end"],
      ],
    );
    expect(topologicalOrder(definition)).toEqual(["z", "a", "m", "end"]);
  });

  it("has no order when edges lead in a circle, however the circle was closed", () => {
    fc.assert(
      fc.property(definitionArb({ maxNodes: 8 }), fc.nat(), (definition, pick) => {
        const edge = definition.edges[pick % Math.max(1, definition.edges.length)];
        fc.pre(edge !== undefined);
        const back = { id: "back", source: edge?.target ?? "", target: edge?.source ?? "" };
        expect(topologicalOrder({ ...definition, edges: [back, ...definition.edges] })).toBeNull();
      }),
    );
  });

  it("has no order when a node leads to itself", () => {
    expect(topologicalOrder(definitionOf(["a"], [["a", "a"]]))).toBeNull();
  });

  it("names exactly the nodes from which a way leads here as ancestors", () => {
    const definition = definitionOf(
      ["a", "b", "c", "d", "other"],
      [
        ["a", "b"],
        ["b", "d"],
        ["c", "d"],
        ["d", "other"],
      ],
    );
    expect(ancestorsOf(definition, "d")).toEqual(new Set(["a", "b", "c"]));
    expect(ancestorsOf(definition, "a")).toEqual(new Set());
    expect(ancestorsOf(definition, "nobody")).toEqual(new Set());
  });

  it("indexes edges, roots and agents, and leaves out edges into nowhere", () => {
    const definition = definitionOf(
      ["a", "b"],
      [
        ["a", "b"],
        ["a", "ghost"],
        ["ghost", "b"],
      ],
    );
    const graph = graphOf(definition);
    expect(graph.roots).toEqual(["a"]);
    expect(graph.outgoing.get("a")?.map((edge) => edge.id)).toEqual(["e0"]);
    expect(graph.incoming.get("b")?.map((edge) => edge.id)).toEqual(["e0"]);
    expect(graph.incoming.get("a")).toEqual([]);
    expect(graph.agentOf.get("b")?.id).toBe("agent-b");
    expect(graph.order).toEqual(["a", "b"]);
  });

  it("walks the longest chain allowed without deepening the stack", () => {
    const ids = Array.from({ length: MAX_NODES }, (_, index) => `n${index}`);
    const chain = definitionOf(
      ids,
      ids.slice(1).map((id, index) => [`n${index}`, id] as const),
    );
    expect(topologicalOrder(chain)).toEqual(ids);
    expect(ancestorsOf(chain, `n${MAX_NODES - 1}`).size).toBe(MAX_NODES - 1);
  });
});
