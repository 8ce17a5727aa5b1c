import { expect, test } from "vitest";
import {
  agentSchema,
  type Definition,
  definitionSchema,
  edgeSchema,
  fallbackSchema,
  nodeSchema,
  settingsSchema,
} from "../../../src/definitions/index.ts";
import { definitionOut } from "../../../src/transfer/bundle.ts";
import { templateOf } from "../../../src/transfer/export-template.ts";

const FALLBACK = {
  enabled: true,
  strategy: "balanced",
  targets: [{ provider: "gemini", model: "gemini-3-flash", weight: 2 }],
  on: { error: true, rateLimit: false, timeout: true, statusCodes: [418], latencyMs: 900 },
  retries: 2,
  attemptTimeoutMs: 1_000,
  deadlineMs: 5_000,
};

const AGENT = {
  id: "agent-of-ann",
  nodeId: "n1",
  name: "Writer",
  role: "writer",
  description: "For ann@example.com",
  provider: "openai",
  model: "gpt-5",
  systemPrompt: "Be brief.",
  prompt: "{{input}}",
  temperature: 0.3,
  maxTokens: 500,
  topP: 0.9,
  stopSequences: ["END"],
  capabilities: ["search"],
  fallback: FALLBACK,
  useKnowledge: true,
  learnKnowledge: false,
};

/** Every field that a definition can have. */
const FULL: Definition = definitionSchema.parse({
  nodes: [{ id: "n1", type: "agent", position: { x: 1, y: 2 }, data: { color: "red" } }],
  edges: [{ id: "e1", source: "n1", target: "n1", condition: "input.ok" }],
  agents: [AGENT],
  settings: { timeoutSeconds: 60, maxParallel: 2, stepRetries: 1, inputSchema: { type: "object" } },
});

test("the definition of this test has every field that there is", () => {
  // A field that is added to a schema belongs here, and into the bundle or onto the list of what stays inside.
  expect(Object.keys(FULL.agents[0] ?? {}).toSorted()).toEqual(Object.keys(agentSchema.shape).toSorted());
  expect(Object.keys(FULL.nodes[0] ?? {}).toSorted()).toEqual(Object.keys(nodeSchema.shape).toSorted());
  expect(Object.keys(FULL.edges[0] ?? {}).toSorted()).toEqual(Object.keys(edgeSchema.shape).toSorted());
  expect(Object.keys(FULL.settings).toSorted()).toEqual(Object.keys(settingsSchema.shape).toSorted());
  expect(Object.keys(FALLBACK).toSorted()).toEqual(Object.keys(fallbackSchema.shape).toSorted());
});

test("every field of a definition goes into a bundle", () => {
  expect(definitionOut(FULL)).toEqual(FULL);
});

test("a template keeps what an agent does, and numbers agents and edges anew", () => {
  const template = templateOf(definitionOut(FULL));
  expect(template.agents[0]).toEqual({ ...AGENT, id: "agent-1", description: "For [email]" });
  expect(template.edges[0]).toMatchObject({ id: "edge-1", source: "n1", condition: "input.ok" });
  expect(template.nodes[0]?.data).toBeUndefined();
});
