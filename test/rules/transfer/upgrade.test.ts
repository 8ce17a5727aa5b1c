import { describe, expect, test } from "vitest";
import { importBundleSchema } from "../../../src/transfer/import-schema.ts";
import { upgradeBundle } from "../../../src/transfer/rules/upgrade.ts";

const RESEARCHER = "0b9c1f0e-7f2a-4a53-9a4e-2b6f4bb0a001";
const WRITER = "0b9c1f0e-7f2a-4a53-9a4e-2b6f4bb0a002";

/** As the builds before this one exported a workflow: their columns, ids and scales. */
function earlierExport(): { version?: string; [field: string]: unknown } {
  return {
    version: "1.0",
    exportedAt: "2025-10-23T10:00:00.000Z",
    workflow: {
      id: "5a3c9c52-54a4-4a41-8d0e-6a8c0b0d7777",
      userId: "1f1f1f1f-0000-4000-8000-000000000001",
      name: "Research and report",
      description: null,
      category: "research",
      isTemplate: false,
      nodes: [
        {
          id: "node-1",
          type: "agentNode",
          position: { x: 10, y: 20 },
          data: { label: "Researcher", role: "Researcher" },
          width: 200,
        },
        { id: "node-2", type: "custom", position: { x: 300, y: 20 }, data: { agentId: WRITER, label: "Somebody" } },
        { id: "note", type: "sticky", position: { x: 0, y: 0 }, data: { text: "remember" } },
      ],
      edges: [
        { id: "reactflow__edge-node-1-node-2", source: "node-1", target: "node-2", sourceHandle: null, animated: true },
        { id: "e2", source: "node-2", target: "note" },
      ],
      createdAt: "2025-10-01T00:00:00.000Z",
    },
    agents: [
      {
        ...{
          id: RESEARCHER,
          workflowId: "5a3c9c52-54a4-4a41-8d0e-6a8c0b0d7777",
          name: "Researcher",
          role: "Researcher",
        },
        ...{ description: null, provider: "openai", model: "gpt-4", systemPrompt: "Research it.", temperature: 70 },
        ...{ maxTokens: 1000, capabilities: ["web"], position: { x: 10, y: 20 } },
      },
      {
        ...{ id: WRITER, workflowId: "5a3c9c52-54a4-4a41-8d0e-6a8c0b0d7777", name: "Writer", role: "Writer" },
        ...{
          provider: "anthropic",
          model: "claude-3-opus-20240229",
          systemPrompt: null,
          temperature: 1,
          maxTokens: null,
        },
        ...{ capabilities: null, position: { x: 300, y: 20 } },
      },
    ],
    schedules: [
      {
        id: "s1",
        workflowId: "w",
        cronExpression: "0 9 * * *",
        timezone: "UTC",
        enabled: true,
        nextRunAt: "2025-10-24T09:00:00Z",
        executionCount: 3,
      },
    ],
    webhooks: [
      {
        id: "h1",
        webhookUrl: "https://x/api",
        secretKey: "sssh",
        enabled: true,
        ipWhitelist: null,
        payloadTransformer: {},
        triggerCount: 9,
      },
    ],
    knowledgeBase: [
      {
        id: "k",
        userId: "u",
        agentType: "Researcher",
        category: "facts",
        content: "Water is wet.",
        confidence: 80,
        createdAt: "2025-10-01T00:00:00.000Z",
      },
    ],
    executions: [
      {
        ...{
          id: "x",
          workflowId: "w",
          status: "completed",
          input: { topic: "tea" },
          output: { text: "Tea." },
          duration: 1200,
        },
        ...{ startedAt: "2025-10-02T00:00:00.000Z", completedAt: "2025-10-02T00:00:01.200Z", error: null },
      },
    ],
  };
}

/** The upgraded bundle as today's schema reads it. */
function upgraded(parsed: unknown) {
  const outcome = upgradeBundle(parsed);
  if (!outcome.ok) throw new Error(`needs ${outcome.needs}`);
  return { bundle: importBundleSchema.parse(outcome.bundle), warnings: outcome.warnings };
}

describe("an export of an earlier build", () => {
  test("keeps its ids, and gets temperatures, nodes and fields as they are written today", () => {
    const { bundle } = upgraded(earlierExport());
    expect(bundle.workflow).toMatchObject({
      name: "Research and report",
      nodes: [
        { id: "node-1", type: "agent", position: { x: 10, y: 20 } },
        { id: "node-2", type: "agent", position: { x: 300, y: 20 } },
      ],
      edges: [{ id: "reactflow__edge-node-1-node-2", source: "node-1", target: "node-2" }],
    });
    expect(
      bundle.agents.map(({ id, nodeId, temperature, maxTokens, capabilities }) => ({
        id,
        nodeId,
        temperature,
        maxTokens,
        capabilities,
      })),
    ).toEqual([
      { id: RESEARCHER, nodeId: "node-1", temperature: 0.7, maxTokens: 1000, capabilities: ["web"] },
      { id: WRITER, nodeId: "node-2", temperature: 0.01, maxTokens: 1024, capabilities: [] },
    ]);
  });

  test("brings its schedules, webhooks, knowledge and executions, and no secret", () => {
    const { bundle } = upgraded(earlierExport());
    expect(bundle.schedules).toEqual([{ cronExpression: "0 9 * * *", timezone: "UTC", enabled: true, version: null }]);
    expect(bundle.webhooks).toEqual([{ enabled: true, ipWhitelist: [], payloadTransformer: null }]);
    expect(JSON.stringify(bundle)).not.toContain("sssh");
    expect(bundle.knowledgeBase).toMatchObject([
      { agentRole: "Researcher", category: "facts", content: "Water is wet.", confidence: 80 },
    ]);
    expect(bundle.executions).toMatchObject([
      { status: "succeeded", input: { topic: "tea" }, output: '{"text":"Tea."}' },
    ]);
  });

  test("says what was changed and what was left out", () => {
    const paths = upgraded(earlierExport()).warnings.map(({ path }) => path);
    expect(paths).toEqual(["workflow.nodes[2]", "workflow.edges[1]", "agents", ""]);
  });

  test("without a word on its version, and with uuids for ids, is understood as well", () => {
    const { version: _, ...old } = earlierExport();
    const { bundle } = upgraded({
      ...old,
      workflow: { uuid: "w-1", name: "Old", nodes: [], edges: [] },
      agents: [{ uuid: "a-1", name: "One", role: "r", provider: "openai", model: "gpt-4", temperature: 35 }],
    });
    expect(bundle.workflow).toMatchObject({ id: "w-1", nodes: [{ id: "a-1", type: "agent" }] });
    expect(bundle.agents).toMatchObject([{ id: "a-1", nodeId: "a-1", temperature: 0.35 }]);
  });
});

test("a bundle of today is left as it is", () => {
  const bundle = {
    version: "1.0",
    workflow: { name: "Now", nodes: [{ id: "a", type: "agent", position: { x: 0, y: 0 } }], edges: [] },
    agents: [{ id: "g", nodeId: "a", name: "A", role: "r", provider: "openai", model: "m", temperature: 1.5 }],
  };
  expect(upgradeBundle(bundle)).toEqual({ ok: true, bundle, warnings: [] });
});

test("a bundle of today is never taken for an older one, whatever it lacks: nothing of it is dropped", () => {
  const node = { id: "a", type: "agent", position: { x: 0, y: 0 } };
  const edges = [{ id: "e", source: "a", target: "b", condition: "contains(output, 'x')" }];
  const agents = [
    { id: "g", nodeId: "a", name: "A", role: "r", provider: "openai", model: "m", topP: 0.5 },
    { id: "h", name: "B", role: "r", provider: "openai", model: "m" },
  ];
  const workflow = { name: "Now", nodes: [node, { ...node, id: "b" }], edges, settings: { timeoutSeconds: 9 } };
  for (const version of [undefined, null, 1, "1", "0.9", "1.0"]) {
    const outcome = upgradeBundle({ version, workflow, agents });
    expect(outcome).toEqual({ ok: true, bundle: { version: "1.0", workflow, agents }, warnings: [] });
  }
  const faults = importBundleSchema.safeParse({ version: "1.0", workflow, agents }).error?.issues;
  expect(faults?.map(({ path }) => path.join("."))).toEqual(["agents.1.nodeId"]);
});

test.each(["1.1", "2.0", "10"])("format %s is not guessed at: it says what it needs", (version) => {
  expect(upgradeBundle({ version, workflow: {} })).toEqual({ ok: false, needs: version });
});

test.each([[null], [[]], ["text"], [{ version: "soon" }], [{ version: {}, workflow: 3, agents: "x" }]])(
  "%j is no bundle, and is left to the validation to refuse",
  (parsed) => {
    const outcome = upgradeBundle(parsed);
    expect(outcome.ok && importBundleSchema.safeParse(outcome.bundle).success).toBe(false);
  },
);
