import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Definition, MAX_EDGES, MAX_NODES, validateDefinition } from "../../../src/definitions/index.ts";
import { definitionArb, definitionOf, TEST_PROVIDERS } from "../../support/definition-arb.ts";

const validate = (definition: Definition) => validateDefinition(definition, { providers: TEST_PROVIDERS });

function withAgent(definition: Definition, nodeId: string, change: Partial<Definition["agents"][number]>): Definition {
  const agents = definition.agents.map((agent) => (agent.nodeId === nodeId ? { ...agent, ...change } : agent));
  return { ...definition, agents };
}

function withCondition(definition: Definition, edgeId: string, condition: string): Definition {
  return { ...definition, edges: definition.edges.map((edge) => (edge.id === edgeId ? { ...edge, condition } : edge)) };
}

const chain = definitionOf(
  ["a", "b", "c"],
  [
    ["a", "b"],
    ["b", "c"],
  ],
);

describe("validating a definition", () => {
  it("finds nothing wrong with graphs that look back only", () => {
    fc.assert(
      fc.property(definitionArb(), (definition) => {
        expect(validate(definition).errors).toEqual([]);
      }),
    );
  });

  const faulty: [string, Definition, [string, string, RegExp][]][] = [
    ["an empty workflow", definitionOf([]), [["empty_workflow", "nodes", /Add an agent/]]],
    [
      "an edge into nowhere",
      definitionOf(
        ["a"],
        [
          ["a", "x"],
          ["y", "a"],
        ],
      ),
      [
        ["dangling_edge", "edges[0].target", /no node "x"/],
        ["dangling_edge", "edges[1].source", /no node "y"/],
      ],
    ],
    ["a node that leads to itself", definitionOf(["a"], [["a", "a"]]), [["self_loop", "edges[0]", /itself/]]],
    [
      "a cycle behind a tail",
      definitionOf(
        ["t", "a", "b", "c"],
        [
          ["t", "a"],
          ["a", "b"],
          ["b", "c"],
          ["c", "a"],
        ],
      ),
      [["cycle", "edges[3]", /"a" -> "b" -> "c" -> "a"/]],
    ],
    [
      "two cycles apart",
      definitionOf(
        ["a", "b", "c", "d"],
        [
          ["a", "b"],
          ["b", "a"],
          ["b", "c"],
          ["c", "d"],
          ["d", "c"],
        ],
      ),
      [
        ["cycle", "edges[1]", /"a" -> "b" -> "a"/],
        ["cycle", "edges[4]", /"c" -> "d" -> "c"/],
      ],
    ],
    [
      "a node without an agent",
      { ...chain, agents: chain.agents.slice(1) },
      [["node_without_agent", "nodes[0]", /"a"/]],
    ],
    [
      "an agent without a node",
      { ...chain, nodes: chain.nodes.slice(0, 2), edges: chain.edges.slice(0, 1) },
      [["agent_without_node", "agents[2].nodeId", /no node "c"/]],
    ],
    [
      "two agents on one node",
      withAgent({ ...chain, nodes: chain.nodes.slice(0, 2), edges: [] }, "c", { nodeId: "b" }),
      [["duplicate_agent", "agents[2].nodeId", /already has the agent "agent-b"/]],
    ],
    [
      "an unknown provider",
      withAgent(chain, "b", { provider: "acme" }),
      [["unknown_provider", "agents[1].provider", /"acme".*openai, anthropic/]],
    ],
    [
      "a bad template",
      withAgent(chain, "b", { prompt: "ok {{input}} {{what}} {{input" }),
      [
        ["bad_template", "agents[1].prompt", /At character 14: \{\{what\}\}/],
        ["bad_template", "agents[1].prompt", /never closed/],
      ],
    ],
    [
      "a template that looks at nobody",
      withAgent(chain, "b", { prompt: "{{steps.x.output}}{{steps.x.output}}" }),
      [["unknown_step", "agents[1].prompt", /no node "x"/]],
    ],
    [
      "a template that looks ahead",
      withAgent(chain, "b", { prompt: "{{steps.a.output}}{{steps.c.output}}" }),
      [["not_an_ancestor", "agents[1].prompt", /"c"/]],
    ],
    [
      "a template that looks at itself",
      withAgent(chain, "b", { prompt: "{{steps.b.output}}" }),
      [["not_an_ancestor", "agents[1].prompt", /"b"/]],
    ],
    ["a bad condition", withCondition(chain, "e1", "output =="), [["bad_condition", "edges[1].condition", /JMESPath/]]],
    [
      "a condition that looks ahead",
      withCondition(chain, "e1", "steps.c.output"),
      [["not_an_ancestor", "edges[1].condition", /"c"/]],
    ],
    [
      "a condition that looks at nobody",
      withCondition(chain, "e0", "steps.x.output"),
      [["unknown_step", "edges[0].condition", /"x"/]],
    ],
  ];

  it.each(faulty)("names the place of %s", (_, definition, expected) => {
    const { valid, errors } = validate(definition);
    expect(valid).toBe(false);
    expect(errors).toEqual(
      expected.map(([code, path, message]) => ({ code, path, message: expect.stringMatching(message) })),
    );
  });

  it("finds an unknown provider among the targets of a fallback", () => {
    const fallback = {
      enabled: true,
      strategy: "ordered" as const,
      targets: [{ provider: "openai" }, { provider: "acme" }],
      on: { error: true, rateLimit: true, timeout: true, statusCodes: [] },
      retries: 1,
      attemptTimeoutMs: 1_000,
      deadlineMs: 5_000,
    };
    expect(validate(withAgent(chain, "a", { fallback })).errors).toMatchObject([
      { code: "unknown_provider", path: "agents[0].fallback.targets[1].provider" },
    ]);
  });

  it("lets a condition look at its own source and behind it", () => {
    expect(validate(withCondition(chain, "e1", "steps.a.output && steps.b.output")).errors).toEqual([]);
  });

  it("names every fault at once", () => {
    const definition = withCondition(
      withAgent(
        definitionOf(
          ["a", "b"],
          [
            ["a", "b"],
            ["b", "a"],
          ],
        ),
        "a",
        { provider: "x", prompt: "{{y}}" },
      ),
      "e0",
      "(",
    );
    expect(validate(definition).errors.map(({ code }) => code)).toEqual([
      "cycle",
      "unknown_provider",
      "bad_template",
      "bad_condition",
    ]);
  });

  it("finds a cycle wherever edges lead back", () => {
    fc.assert(
      fc.property(definitionArb({ maxNodes: 8 }), fc.nat(), (definition, pick) => {
        const edge = definition.edges[pick % Math.max(1, definition.edges.length)];
        fc.pre(edge !== undefined);
        const back = { id: "back", source: edge?.target ?? "", target: edge?.source ?? "" };
        const { errors } = validate({ ...definition, edges: [...definition.edges, back] });
        expect(errors.map(({ code }) => code)).toContain("cycle");
      }),
    );
  });

  it("warns of what was probably not meant, and stays valid", () => {
    const definition = withAgent(
      definitionOf(
        ["a", "b", "alone"],
        [
          ["a", "b"],
          ["a", "b"],
        ],
      ),
      "a",
      { prompt: " ", systemPrompt: "" },
    );
    const { valid, warnings } = validate(definition);
    expect(valid).toBe(true);
    expect(warnings.map(({ code, path }) => [code, path])).toEqual([
      ["isolated_node", "nodes[2]"],
      ["duplicate_edge", "edges[1]"],
      ["no_instructions", "agents[0].prompt"],
    ]);
    expect(validate(definitionOf(["only"])).warnings).toEqual([]);
  });

  it("does not answer with every one of thousands of faults in one prompt", () => {
    const { errors } = validate(withAgent(chain, "a", { prompt: "{{}}".repeat(10_000) }));
    expect(errors).toHaveLength(21);
    expect(errors.at(-1)?.message).toBe("And 9980 more faults of this kind.");
  });

  it("reads each node's edges a bounded number of times on the largest graph allowed", () => {
    const ids = Array.from({ length: MAX_NODES }, (_, index) => `n${index}`);
    const pairs = ids.flatMap((id, index) => [1, 2, 3, 4].map((step) => [id, ids[index + step]] as const));
    const edges = pairs.flatMap(([source, target]) => (target === undefined ? [] : [[source, target] as const]));
    const large = definitionOf(ids, edges.slice(0, MAX_EDGES));
    const everything = { ...large, agents: large.agents.map((agent) => ({ ...agent, prompt: "{{steps.n0.output}}" })) };
    const { errors } = validate(everything);
    expect(errors).toMatchObject([{ code: "not_an_ancestor", path: "agents[0].prompt" }]);

    const [last] = ids.slice(-1);
    const circle = definitionOf(ids, [...edges.filter((_, index) => index < MAX_EDGES - 1), [last ?? "", "n0"]]);
    expect(validate(circle).errors).toMatchObject([{ code: "cycle", message: expect.stringContaining("nodes)") }]);
  });
});
