import { beforeAll, describe, expect, test } from "vitest";
import { zipOf } from "../support/zip.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { bundleOf, importing, type Refusal, summary, versionOf, type Workflow } from "../worker/imports.ts";
import { countRows } from "../worker/rows.ts";

let ada: Account;
beforeAll(async () => {
  ada = await signUp();
});
const { get, post, list, upload, imported } = importing(() => ada);
type Some = Record<string, unknown>;

describe("one file", () => {
  test("becomes a workflow with its node, edge and agent ids and a version to go back to", async () => {
    const bundle = bundleOf("Report");
    const { status, body } = await post({ ...bundle, workflow: { ...bundle.workflow, description: "Daily" } });
    expect({ status, summary: body.summary }).toEqual({ status: 200, summary: summary({ created: 1 }) });
    const workflow = await get<Workflow>(`/workflows/${body.results[0]?.workflowId}`);
    expect(workflow).toMatchObject({ name: "Report", description: "Daily", dirty: false, headVersion: { version: 1 } });
    expect(workflow.agents.map(({ id }) => id)).toEqual(["agent-a", "agent-b"]);
    expect(await list(`/workflows/${workflow.id}/versions`)).toMatchObject([
      { kind: "import", commitMessage: "Imported" },
    ]);
  });

  test("brings its history with numbers, times, authors and tags", async () => {
    const versions = [
      versionOf(7, "seven", { tags: ["production", "v7"] }),
      versionOf(3, "three", { parentVersion: 2 }),
    ];
    const id = await imported(bundleOf("With history", { versions }, "draft"));
    const stored = await list(`/workflows/${id}/versions`);
    expect(stored).toMatchObject([
      {
        version: 7,
        commitMessage: "Commit 7",
        createdByName: "Grace",
        tags: ["production", "v7"],
        tag: "production",
        createdAt: "2026-10-01T00:00:00.000Z",
      },
      { version: 3, parentVersionId: null },
    ]);
    expect(await get<Workflow>(`/workflows/${id}`)).toMatchObject({ dirty: true, headVersion: { version: 7 } });
    const shown = await get<{ workflowData: Workflow }>(`/versions/${stored[1]?.id}`);
    expect(shown.workflowData.agents[0]?.systemPrompt).toBe("three");
  });

  test("brings schedules paused and webhooks with secrets of their own, pinned to what the file holds", async () => {
    const versions = [versionOf(2, "two", { tags: ["production"] })];
    const schedules = [
      {
        cronExpression: "0 9 * * 1",
        timezone: "Europe/Berlin",
        enabled: true,
        version: 2,
        input: { a: 1 },
        overlap: "queue",
      },
      { cronExpression: "5 4 * * *", enabled: true, version: "production" },
      { cronExpression: "6 4 * * *", enabled: true, version: "nightly" },
    ];
    const webhooks = [
      {
        enabled: true,
        version: 2,
        secretKey: "a-secret-of-elsewhere",
        signature: { scheme: "github", secret: "dictated" },
        rateLimit: { limit: 7, windowSeconds: 60 },
      },
      { enabled: true, version: 9 },
    ];
    const { body } = await post(bundleOf("Triggered", { versions, schedules, webhooks }));
    const id = body.results[0]?.workflowId;
    expect(body.results[0]?.warnings.map(({ path }) => path)).toEqual([
      "schedules[2].version",
      "webhooks[0].signature.secret",
      "webhooks[1].version",
    ]);
    const stored = await list(`/workflows/${id}/schedules`);
    expect(stored.map(({ enabled, nextRunAt }) => [enabled, nextRunAt])).toEqual(Array(3).fill([false, null]));
    expect(stored.map(({ version }) => version).sort()).toEqual([2, null, "production"].sort());
    expect(stored).toContainEqual(
      expect.objectContaining({ timezone: "Europe/Berlin", input: { a: 1 }, overlap: "queue" }),
    );
    const hooks = await list<{ enabled: boolean; version: unknown; secretKey: string; rateLimit: Some }>(
      `/workflows/${id}/webhooks`,
    );
    expect(hooks).toContainEqual(
      expect.objectContaining({ enabled: true, version: 2, rateLimit: { limit: 7, windowSeconds: 60 } }),
    );
    expect(hooks).toContainEqual(expect.objectContaining({ enabled: false, version: null }));
    expect(JSON.stringify(hooks)).not.toMatch(/a-secret-of-elsewhere|dictated/);
    expect(new Set(hooks.map(({ secretKey }) => secretKey)).size).toBe(2);
    // What is pinned is neither amended nor pruned; a schedule can be resumed as it came.
    const { id: paused } = stored.find(({ version }) => version === 2) ?? {};
    expect((await ada.send("POST", `/api/schedules/${paused}/resume`)).status).toBe(200);
  });

  test("brings executions as history: shown as imported, never run, and in no account", async () => {
    const before = await Promise.all([countRows(), get<Some>("/analytics/costs")]);
    // Not so long ago that the workspace's retention is about to remove it, of which there would be a warning.
    const startedAt = new Date(Date.now() - 7 * 24 * 3_600_000);
    const execution = {
      ...{
        status: "succeeded",
        trigger: "schedule",
        version: 2,
        input: { topic: "tea" },
        output: "Tea.",
        costNanoUsd: 4_200,
      },
      ...{
        createdAt: startedAt.toISOString(),
        startedAt: startedAt.toISOString(),
        completedAt: new Date(startedAt.getTime() + 2_500).toISOString(),
      },
      steps: [
        {
          nodeId: "a",
          agentId: "agent-a",
          name: "A",
          status: "succeeded",
          output: "leaves",
          attempts: 2,
          costNanoUsd: 4_000,
          inputTokens: 10,
          outputTokens: 20,
        },
        {
          nodeId: "b",
          agentId: "agent-b",
          name: "B",
          status: "succeeded",
          output: "Tea.",
          attempts: 1,
          costNanoUsd: 200,
        },
      ],
    };
    const running = {
      ...{ status: "running", trigger: "manual", version: 99, createdAt: new Date().toISOString() },
      steps: [{ nodeId: "a", status: "running" }],
    };
    const { body } = await post(
      bundleOf("Past", { versions: [versionOf(2, "two")], executions: [execution, running] }),
    );
    const id = body.results[0]?.workflowId;
    expect(body.results[0]?.warnings).toMatchObject([{ path: "executions[1].version" }]);
    const stored = await list(`/executions?workflowId=${id}`);
    expect(stored).toMatchObject([
      { status: "cancelled", imported: true, version: 99 },
      {
        status: "succeeded",
        imported: true,
        version: 2,
        durationMs: 2_500,
        costNanoUsd: 4_200,
        trigger: { type: "schedule", id: null },
      },
    ]);
    const detail = await get<Some>(`/executions/${stored[1]?.id}`);
    expect(detail).toMatchObject({
      input: { topic: "tea" },
      output: "Tea.",
      steps: [
        { nodeId: "a", output: "leaves", attempts: 2, costNanoUsd: 4_000, inputTokens: 10 },
        { nodeId: "b", costNanoUsd: 200 },
      ],
    });
    const after = await Promise.all([countRows(), get<Some>("/analytics/costs")]);
    for (const table of ["execution_costs", "cost_rollups", "execution_rollups", "attempts", "budget_periods"]) {
      expect([table, after[0][table]]).toEqual([table, before[0][table]]);
    }
    expect(after[1]).toEqual(before[1]);
    const retried = await ada.send<Refusal>("POST", `/api/executions/${stored[0]?.id}/retry`);
    expect([retried.status, retried.body.error.code]).toEqual([409, "execution_imported"]);
  });

  test("brings knowledge once, however often it is imported", async () => {
    const knowledgeBase = [
      { agentRole: "tester", category: "facts", content: "Imported water is wet.", confidence: 80, source: "person" },
    ];
    await imported(bundleOf("Knowing", { knowledgeBase }));
    await imported(bundleOf("Knowing", { knowledgeBase }));
    const entries = await list("/knowledge?limit=200");
    expect(entries.filter(({ content }) => content === "Imported water is wet.")).toMatchObject([
      { source: "import", confidence: 80 },
    ]);
  });

  test("that could be saved and not executed is taken, and says why", async () => {
    const bundle = bundleOf("Broken");
    const { body } = await post({ ...bundle, agents: bundle.agents.slice(1) });
    expect(body.results[0]?.action).toBe("created");
    expect(body.results[0]?.warnings.length).toBeGreaterThan(0);
  });

  test("may have as many schedules and webhooks as a workflow can be given", async () => {
    const schedules = Array.from({ length: 201 }, (_, minute) => ({ cronExpression: `${minute % 60} 1 * * *` }));
    const webhooks = Array.from({ length: 201 }, () => ({}));
    const id = await imported(bundleOf("Many triggers", { schedules, webhooks }));
    const clone = await ada.send<Workflow>("POST", `/api/workflows/${id}/clone`, {});
    expect(clone.status).toBe(201);
    expect(await list(`/workflows/${clone.body.id}/versions`)).toMatchObject([
      { kind: "import", commitMessage: "Cloned from Many triggers" },
    ]);
    for (const kind of ["schedules", "webhooks"]) {
      const { length } = await list(`/workflows/${clone.body.id}/${kind}?limit=200`);
      expect([kind, length >= 200]).toEqual([kind, true]);
    }
  });

  test("comes as JSON, as ZIP and in a form", async () => {
    const text = JSON.stringify(bundleOf("As a file"));
    const zip = zipOf([
      { name: "workflow.json", data: text },
      { name: "versions.json", data: JSON.stringify([versionOf(4, "four")]) },
    ]);
    const form = new FormData();
    form.append("file", new File([zip], "export.zip"));
    for (const [body, head] of [
      [text, 1],
      [zip, 4],
      [form, 4],
    ] as const) {
      const answer = await upload(body);
      expect(answer.status).toBe(200);
      expect(await get<Workflow>(`/workflows/${answer.body.results[0]?.workflowId}`)).toMatchObject({
        headVersion: { version: head },
      });
    }
  });

  test("of an earlier build is brought to today's format", async () => {
    const agents = [
      {
        id: "old-1",
        workflowId: "w",
        name: "One",
        role: "r",
        provider: "openai",
        model: "gpt-4",
        temperature: 70,
        position: { x: 1, y: 2 },
      },
    ];
    const { body } = await post({ version: "1.0", workflow: { id: "w", name: "Old", nodes: [], edges: [] }, agents });
    const workflow = await get<Some>(`/workflows/${body.results[0]?.workflowId}`);
    expect(workflow).toMatchObject({
      nodes: [{ id: "old-1", position: { x: 1, y: 2 } }],
      agents: [{ id: "old-1", temperature: 0.7 }],
    });
    expect(body.results[0]?.warnings.map(({ message }) => message).join()).toContain("earlier build");
  });
});
