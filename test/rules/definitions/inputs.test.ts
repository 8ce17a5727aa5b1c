import { describe, expect, it } from "vitest";
import { definitionSchema, MAX_PROMPT_BYTES } from "../../../src/definitions/index.ts";

const node = { id: "n", type: "agent", position: { x: 0, y: 0 } };
const agent = { id: "a", nodeId: "n", name: "A", role: "writer", provider: "openai", model: "anything" };
const edge = { id: "e", source: "n", target: "n" };

function pathsOf(definition: unknown): string[] {
  const parsed = definitionSchema.safeParse(definition);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join("."));
}

describe("the schema of a definition", () => {
  it("fills in what may be left out", () => {
    expect(definitionSchema.parse({})).toEqual({ nodes: [], edges: [], agents: [], settings: {} });
    expect(
      definitionSchema.parse({ agents: [{ ...agent, fallback: { targets: [{ provider: "gemini" }] } }] }),
    ).toMatchObject({
      agents: [
        {
          temperature: 0.7,
          maxTokens: 1_024,
          capabilities: [],
          fallback: {
            enabled: true,
            strategy: "ordered",
            on: { error: true, rateLimit: true, timeout: true, statusCodes: [] },
          },
        },
      ],
    });
  });

  it("accepts a draft that cannot run: dangling edges, any provider, any model", () => {
    const draft = { nodes: [], edges: [edge], agents: [{ ...agent, provider: "acme", prompt: "{{broken" }] };
    expect(pathsOf(draft)).toEqual([]);
  });

  it("keeps the client's own data of a node", () => {
    const data = { color: "red", deep: [{ a: null }] };
    expect(definitionSchema.parse({ nodes: [{ ...node, data }] }).nodes[0]?.data).toEqual(data);
  });

  it.each([
    ["an unknown field", { surprise: 1 }, ""],
    ["an unknown field of an agent", { agents: [{ ...agent, apiKey: "x" }] }, "agents.0"],
    ["a wrong type", { agents: [{ ...agent, temperature: "hot" }] }, "agents.0.temperature"],
    ["a temperature over 2", { agents: [{ ...agent, temperature: 2.1 }] }, "agents.0.temperature"],
    ["a fraction of a token", { agents: [{ ...agent, maxTokens: 1.5 }] }, "agents.0.maxTokens"],
    ["a missing provider", { agents: [{ ...agent, provider: undefined }] }, "agents.0.provider"],
    [
      "an infinite position",
      { nodes: [{ ...node, position: { x: Number.POSITIVE_INFINITY, y: 0 } }] },
      "nodes.0.position.x",
    ],
    ["another type of node", { nodes: [{ ...node, type: "loop" }] }, "nodes.0.type"],
    ["an id with a space", { nodes: [{ ...node, id: "a b" }] }, "nodes.0.id"],
    ["an id of 65 characters", { nodes: [{ ...node, id: "x".repeat(65) }] }, "nodes.0.id"],
    ["an id that would change an object's prototype", { nodes: [{ ...node, id: "__proto__" }] }, "nodes.0.id"],
    ["two nodes of one id", { nodes: [node, node] }, "nodes.1.id"],
    ["two edges of one id", { edges: [edge, edge] }, "edges.1.id"],
    ["two agents of one id", { agents: [agent, agent] }, "agents.1.id"],
    ["data that is a list", { nodes: [{ ...node, data: [] }] }, "nodes.0.data"],
    ["data over 32 KB", { nodes: [{ ...node, data: { text: "€".repeat(11_000) } }] }, "nodes.0.data"],
    [
      "data of endless depth",
      { nodes: [{ ...node, data: { deep: JSON.parse("[".repeat(50_000) + "]".repeat(50_000)) } }] },
      "nodes.0.data",
    ],
    [
      "data that would change a copy's prototype",
      { nodes: [{ ...node, data: JSON.parse('{"a":{"__proto__":{}}}') }] },
      "nodes.0.data",
    ],
    ["501 nodes", { nodes: Array.from({ length: 501 }, (_, index) => ({ ...node, id: `n${index}` })) }, "nodes"],
    ["2,001 edges", { edges: Array.from({ length: 2_001 }, (_, index) => ({ ...edge, id: `e${index}` })) }, "edges"],
    ["a prompt over 64 KB in bytes", { agents: [{ ...agent, prompt: "€".repeat(22_000) }] }, "agents.0.prompt"],
    ["a condition over 1,000 characters", { edges: [{ ...edge, condition: "x".repeat(1_001) }] }, "edges.0.condition"],
    ["no time at all", { settings: { timeoutSeconds: 0 } }, "settings.timeoutSeconds"],
    [
      "a pattern inside an input schema",
      { settings: { inputSchema: { properties: { a: { pattern: "^a+$" } } } } },
      "settings.inputSchema.properties.a.pattern",
    ],
  ])("refuses %s, with its path", (_, definition, path) => {
    expect(pathsOf(definition)).toEqual([path]);
  });

  it("accepts a prompt of exactly 64 KB", () => {
    expect(pathsOf({ agents: [{ ...agent, prompt: "x".repeat(MAX_PROMPT_BYTES) }] })).toEqual([]);
  });
});
