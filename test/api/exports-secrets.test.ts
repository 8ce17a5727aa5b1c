import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Account, signUp } from "../worker/accounts.ts";
import { bundleSchema, EVERYTHING, fullWorkflow, KEY } from "../worker/exports.ts";
import { createWorkflow, definitionOf } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("secrets in texts", () => {
  const withKey = () =>
    createWorkflow(account, ["a"], {
      agents: { a: { prompt: `Use ${KEY} to ask`, description: "by ann@example.com" } },
    });

  test("are counted in a header, and refused with their places when that is asked for", async () => {
    const id = await withKey();
    const response = await account.fetch(`/api/workflows/${id}/export`);
    expect(response.headers.get("X-Secret-Findings")).toBe("1");
    await response.text();
    const strict = await account.send("GET", `/api/workflows/${id}/export?strict=true`);
    expect(strict.status).toBe(422);
    expect(strict.body).toMatchObject({
      error: { code: "secrets_found", details: [{ path: "agents[0].prompt", message: "looks like a key of OpenAI" }] },
    });
    expect(JSON.stringify(strict.body)).not.toContain(KEY);
    const clean = await createWorkflow(account, ["a"]);
    expect((await account.send("GET", `/api/workflows/${clean}/export?strict=true`)).status).toBe(200);
  });

  test("a template has neither those nor people, addresses, ids, history or what a run is given", async () => {
    const id = await fullWorkflow(account);
    const { body } = await account.send<Record<string, unknown>>("GET", `/api/workflows/${id}`);
    const definition = definitionOf(["a>b"], {
      agents: {
        a: {
          prompt: `Ask ann@example.com with ${KEY}: {{input}}`,
          model: "ft:gpt:ann@example.com",
          fallback: { targets: [{ provider: "openai", model: "ft:gpt:bob@example.com" }] },
        },
      },
    });
    const nodes = definition.nodes.map((node) => ({ ...node, data: { owner: "Ann" } }));
    await account.send("PUT", `/api/workflows/${id}`, { ...definition, nodes, description: "For bob@example.com" });
    const response = await account.fetch(`/api/workflows/${id}/export?${EVERYTHING}&anonymize=true`);
    expect(response.headers.get("X-Secret-Findings")).toBe("0");
    const text = await response.text();
    const template = bundleSchema.parse(JSON.parse(text));
    expect(Object.keys(template).toSorted()).toEqual([
      "agents",
      "exportedAt",
      "schedules",
      "version",
      "webhooks",
      "workflow",
    ]);
    expect(template.agents[0]).toMatchObject({
      id: "agent-1",
      nodeId: "a",
      prompt: "Ask [email] with [redacted]: {{input}}",
      model: "ft:gpt:[email]",
    });
    expect(template.workflow).toMatchObject({ name: body.name, description: "For [email]" });
    expect(template.schedules?.[0]).toMatchObject({
      cronExpression: "0 9 * * *",
      enabled: false,
      input: null,
      version: null,
    });
    expect(template.webhooks?.[0]).toMatchObject({ enabled: false, ipWhitelist: [] });
    for (const gone of [id, "@example", KEY, "10.1.2.3", "Ann", "Ada", "the answer", "headVersion"]) {
      expect(text).not.toContain(gone);
    }
  });
});
