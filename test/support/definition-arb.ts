import fc from "fast-check";
import { type Definition, definitionSchema } from "../../src/definitions/index.ts";

/** The providers that generated definitions name. */
export const TEST_PROVIDERS = ["openai", "anthropic", "gemini", "openai-compatible"] as const;

const CONDITIONS = [
  "contains(output, 'yes')",
  "json.score > `5`",
  "input.enabled",
  "length(output) > `0` && !(json.stop)",
];

/**
 * A definition without edges' conditions, prompts or anything else left to chance: nodes by id, edges as pairs, one
 * agent a node with the id `agent-NODE`. For tests that need one certain graph.
 */
export function definitionOf(nodes: readonly string[], edges: readonly (readonly [string, string])[] = []): Definition {
  return definitionSchema.parse({
    nodes: nodes.map((id, index) => ({ id, type: "agent", position: { x: index * 100, y: 0 } })),
    edges: edges.map(([source, target], index) => ({ id: `e${index}`, source, target })),
    agents: nodes.map((id) => ({
      id: `agent-${id}`,
      nodeId: id,
      name: id.toUpperCase(),
      role: "writer",
      provider: "openai",
      model: "gpt-5",
      prompt: "{{input}}",
    })),
    settings: {},
  });
}

const agentPartArb = fc.record(
  {
    name: fc.string({ minLength: 1, maxLength: 20 }),
    role: fc.constantFrom("researcher", "writer", "reviewer"),
    provider: fc.constantFrom(...TEST_PROVIDERS),
    model: fc.constantFrom("gpt-5", "claude-sonnet-4-5", "gemini-2.5-pro"),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    maxTokens: fc.integer({ min: 1, max: 4_000 }),
    capabilities: fc.array(fc.constantFrom("search", "code"), { maxLength: 2 }),
    description: fc.string({ maxLength: 30 }),
    topP: fc.double({ min: 0, max: 1, noNaN: true }),
    useKnowledge: fc.boolean(),
  },
  { requiredKeys: ["name", "role", "provider", "model", "temperature", "maxTokens", "capabilities"] },
);

const settingsArb = fc.record(
  {
    timeoutSeconds: fc.integer({ min: 1, max: 86_400 }),
    maxParallel: fc.integer({ min: 1, max: 500 }),
    stepRetries: fc.integer({ min: 0, max: 10 }),
    inputSchema: fc.constant({ type: "object" }),
  },
  { requiredKeys: [] },
);

/**
 * Definitions that validate without a fault: random graphs without cycles, conditions and prompts that look back only.
 * Nodes stand in random order, so that nothing can lean on a definition being sorted already.
 */
export function definitionArb({ maxNodes = 10 }: { maxNodes?: number } = {}): fc.Arbitrary<Definition> {
  return fc
    .integer({ min: 1, max: maxNodes })
    .chain((size) =>
      fc.record({
        agents: fc.array(agentPartArb, { minLength: size, maxLength: size }),
        order: fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
        joined: fc.array(fc.boolean(), { minLength: size * size, maxLength: size * size }),
        conditions: fc.array(fc.option(fc.constantFrom(...CONDITIONS)), { minLength: size, maxLength: size }),
        data: fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
        settings: settingsArb,
      }),
    )
    .map(({ agents, order, joined, conditions, data, settings }) => {
      const edges = agents.flatMap((_, target) =>
        agents.slice(0, target).flatMap((_, source) => {
          const condition = conditions[source];
          if (joined[source * agents.length + target] !== true) return [];
          const edge = { id: `e${source}-${target}`, source: `n${source}`, target: `n${target}` };
          return [condition === null || condition === undefined ? edge : { ...edge, condition }];
        }),
      );
      return definitionSchema.parse({
        nodes: order.map((place) => {
          const node = { id: `n${place}`, type: "agent", position: { x: place * 200, y: place * 80.5 } };
          return place === 0 && !JSON.stringify(data).includes("__proto__") ? { ...node, data } : node;
        }),
        edges,
        agents: agents.map((agent, place) => {
          const before = edges.filter((edge) => edge.target === `n${place}`).map((edge) => edge.source);
          const prompt = `Consider {{input}}. ${before.map((id) => `{{steps.${id}.output}}`).join(" ")}`;
          return { ...agent, id: `a${place}`, nodeId: `n${place}`, prompt };
        }),
        settings,
      });
    });
}
