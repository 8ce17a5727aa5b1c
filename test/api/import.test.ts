import { beforeAll, describe, expect, test } from "vitest";
import type { Imported } from "../../src/transfer/index.ts";
import { type Account, joinAs, signUp } from "../worker/accounts.ts";
import { countRows } from "../worker/rows.ts";
import { definitionOf } from "../worker/workflows.ts";

let ada: Account;
beforeAll(async () => {
  ada = await signUp();
});

/** A bundle of two agents, as an export writes it. */
function bundleOf(name: string, over: Record<string, unknown> = {}, prompt = "You are a.") {
  const { agents, ...graph } = definitionOf(["a>b"], { agents: { a: { systemPrompt: prompt } } });
  return { version: "1.0", exportedAt: "2026-11-01T00:00:00.000Z", workflow: { name, ...graph }, agents, ...over };
}

const post = (body: unknown, query = "", account = ada) =>
  account.send<Imported>("POST", `/api/workflows/import${query}`, body);

interface Workflow {
  id: string;
  name: string;
  agents: { id: string; systemPrompt?: string }[];
  headVersion: { version: number } | null;
}

describe("one file", () => {
  test("becomes a workflow with its node, edge and agent ids and a version to go back to", async () => {
    const { status, body } = await post(
      bundleOf("Report", { workflow: { ...bundleOf("Report").workflow, description: "Daily" } }),
    );
    expect({ status, summary: body.summary }).toEqual({
      status: 200,
      summary: { created: 1, renamed: 0, overwritten: 0, skipped: 0, failed: 0 },
    });
    const [result] = body.results;
    const { body: workflow } = await ada.send<Workflow>("GET", `/api/workflows/${result?.workflowId}`);
    expect(workflow).toMatchObject({ name: "Report", description: "Daily", dirty: false, headVersion: { version: 1 } });
    expect(workflow.agents.map(({ id }) => id)).toEqual(["agent-a", "agent-b"]);
  });
});
