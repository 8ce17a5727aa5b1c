import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Account, joinAs, nobody, signUp } from "../worker/accounts.ts";
import { testEngine } from "../worker/engine.ts";
import { bundleSchema, EVERYTHING, exportOf, fullWorkflow, noise, record, unzipped } from "../worker/exports.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { runOnce } from "../worker/run-once.ts";
import { versioning } from "../worker/versions.ts";
import { createWorkflow, definitionOf } from "../worker/workflows.ts";

let account: Account;
let other: Account;
beforeAll(async () => {
  account = await signUp();
  other = await signUp("Olga Otherwise");
});
afterEach(() => {
  vi.restoreAllMocks();
});

const exported = (id: string, query = EVERYTHING) => exportOf(account, id, query);

describe("one workflow", () => {
  test("leaves with what was asked for, and with nothing else", async () => {
    const id = await fullWorkflow(account);
    const bare = await exported(id, "");
    expect(Object.keys(bare).toSorted()).toEqual(["agents", "exportedAt", "version", "workflow"]);
    expect(bare.version).toBe("1.0");
    for (const [option, field] of [
      ["includeExecutions", "executions"],
      ["includeKnowledge", "knowledgeBase"],
      ["includeSchedules", "schedules"],
      ["includeWebhooks", "webhooks"],
      ["includeVersions", "versions"],
    ] as const) {
      const bundle = await exported(id, `${option}=true`);
      expect(Object.keys(bundle).filter((key) => !Object.hasOwn(bare, key))).toEqual([field]);
      expect(bundle[field]).toHaveLength(1);
    }
  });

  test("holds the draft, the history and what starts it as they are", async () => {
    const id = await fullWorkflow(account);
    const bundle = await exported(id);
    const { body: draft } = await account.send<Record<string, unknown>>("GET", `/api/workflows/${id}`);
    expect({ ...bundle.workflow, agents: bundle.agents }).toMatchObject({
      name: draft.name,
      nodes: draft.nodes,
      edges: draft.edges,
      agents: draft.agents,
      settings: draft.settings,
    });
    expect(bundle.versions?.[0]).toMatchObject({
      commitMessage: "A commit",
      createdByName: "Ada",
      tags: ["production"],
    });
    expect(bundle.executions?.[0]).toMatchObject({
      status: "succeeded",
      input: "go",
      output: "the answer",
      steps: [
        { nodeId: "a", output: "the answer" },
        { nodeId: "b", output: "the answer" },
      ],
    });
    expect(bundle.schedules?.[0]).toMatchObject({ cronExpression: "0 9 * * *", version: "production", enabled: true });
    expect(bundle.webhooks?.[0]).toMatchObject({ signature: { scheme: "hmac", header: "X-Sig" } });
    expect(bundle.knowledgeBase?.[0]).toMatchObject({ agentRole: "historian", content: "Not in a day." });
    expect(bundle.omitted).toBeUndefined();
  });

  test("no secret of a webhook, no address that triggers it and no id of a person or a row leaves", async () => {
    const id = await fullWorkflow(account);
    const hooks = await account.send<{ items: Record<string, string>[] }>("GET", `/api/workflows/${id}/webhooks`);
    const text = JSON.stringify(await exported(id));
    const hook = hooks.body.items[0];
    for (const secret of [hook?.secretKey, hook?.webhookUrl, hook?.id, "the-secret-of-the-sender", account.userId]) {
      expect(secret).toBeTruthy();
      expect(text).not.toContain(secret);
    }
    expect(text).not.toContain(account.workspaceId);
  });

  test("comes as an archive with the history in files of its own", async () => {
    const id = await fullWorkflow(account);
    const response = await account.fetch(`/api/workflows/${id}/export?${EVERYTHING}&format=zip`);
    expect(response.headers.get("Content-Type")).toBe("application/zip");
    expect(response.headers.get("Content-Disposition")).toMatch(/^attachment; filename="workflow-\d+\.zip"/);
    const files = unzipped(new Uint8Array(await response.arrayBuffer()));
    expect(Object.keys(files)).toEqual(["workflow.json", "versions.json", "knowledge.json", "executions.json"]);
    const whole = await exported(id);
    const { versions, knowledgeBase, executions, exportedAt: _, ...core } = whole;
    expect(files["workflow.json"]).toMatchObject(core);
    expect(files["versions.json"]).toEqual(versions);
    expect(files["knowledge.json"]).toEqual(knowledgeBase);
    expect(files["executions.json"]).toEqual(executions);
  });

  test("large outputs leave as text, cut and marked where they are longer than a row takes", async () => {
    const long = "lorem ipsum ".repeat(30_000);
    answerAsOpenAi(() => ({ text: long }));
    const { workflowId } = await runOnce(account, testEngine(), ["a"], {});
    const { executions } = await exported(workflowId);
    const [step] = z.array(record).parse(executions?.[0]?.steps);
    expect(step?.output).toBe(long.slice(0, 262_144));
    expect(step?.outputTruncated).toBe(true);
    expect(executions?.[0]?.output).toBe(step?.output);
  });

  test("what would make the file too large to be imported is left out, the oldest first, and counted", async () => {
    const id = await createWorkflow(account, ["a"]);
    const { commit } = versioning(() => account);
    for (let i = 0; i < 8; i += 1) {
      const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
      const agents = Object.fromEntries(names.map((name) => [name, { prompt: noise(60_000) }]));
      await account.send("PUT", `/api/workflows/${id}`, definitionOf(names, { agents }));
      await commit(id, `Commit ${i}`);
    }
    const response = await account.fetch(`/api/workflows/${id}/export?includeVersions=true`);
    const text = await response.text();
    expect(text.length).toBeLessThan(8 * 1024 * 1024);
    const { versions = [], omitted } = bundleSchema.parse(JSON.parse(text));
    expect(versions.map(({ commitMessage }) => commitMessage)).toEqual([7, 6, 5, 4, 3].map((i) => `Commit ${i}`));
    expect(omitted).toEqual({ versions: 3 });
  });

  test("is for editors of its workspace", async () => {
    const id = await createWorkflow(account, ["a"]);
    const viewer = await joinAs(account, "viewer");
    expect((await nobody.send("GET", `/api/workflows/${id}/export`)).status).toBe(401);
    expect((await viewer.send("GET", `/api/workflows/${id}/export`)).status).toBe(403);
    expect((await other.send("GET", `/api/workflows/${id}/export`)).status).toBe(404);
    expect((await account.send("GET", `/api/workflows/${id}/export?format=xml`)).status).toBe(422);
  });
});
