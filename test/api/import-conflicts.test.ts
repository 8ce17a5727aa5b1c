import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { type Account, signUp } from "../worker/accounts.ts";
import { bundleOf, importing, type Refusal, summary, versionOf, type Workflow } from "../worker/imports.ts";
import { countRows } from "../worker/rows.ts";
import { definitionOf } from "../worker/workflows.ts";

let ada: Account;
beforeAll(async () => {
  ada = await signUp();
});
const { get, post, list, imported } = importing(() => ada);

describe("a name that is taken", () => {
  test("is counted on, within the file too", async () => {
    const { body } = await post([bundleOf("Twice"), bundleOf("Twice"), bundleOf("Twice (2)")]);
    expect(body.results.map(({ name, action }) => [name, action])).toEqual([
      ["Twice", "created"],
      ["Twice (2)", "renamed"],
      ["Twice (3)", "renamed"],
    ]);
  });

  test("is left alone by skip", async () => {
    const id = await imported(bundleOf("Kept", {}, "first"));
    const rows = await countRows(ada.workspaceId);
    const { body } = await post(
      bundleOf("Kept", { knowledgeBase: [{ agentRole: "r", category: "c", content: "skipped" }] }, "second"),
      "?conflict=skip",
    );
    expect(body).toMatchObject({ results: [{ action: "skipped", workflowId: id }], summary: summary({ skipped: 1 }) });
    expect(await countRows(ada.workspaceId)).toEqual(rows);
  });

  test("is overwritten without losing anything: draft, history, schedules, webhooks and executions", async () => {
    const id = await imported(
      bundleOf("Overwritten", { schedules: [{ cronExpression: "0 1 * * *" }], webhooks: [{}] }, "committed"),
    );
    await ada.send("PUT", `/api/workflows/${id}`, {
      name: "Overwritten",
      ...definitionOf(["a>b"], { agents: { a: { systemPrompt: "draft" } } }),
    });
    const kept = async () => ({
      schedules: await list(`/workflows/${id}/schedules`),
      webhooks: await list(`/workflows/${id}/webhooks`),
    });
    const before = await kept();
    const versions = [versionOf(5, "five")];
    const { body } = await post(
      bundleOf("Overwritten", { versions, schedules: [{ cronExpression: "0 2 * * *" }] }, "imported"),
      "?conflict=overwrite",
    );
    expect(body).toMatchObject({
      results: [{ action: "overwritten", workflowId: id, warnings: [{ path: "versions" }, { path: "schedules" }] }],
    });
    expect(await kept()).toEqual(before);
    const history = await list(`/workflows/${id}/versions`);
    expect(history.map(({ version, kind }) => [version, kind])).toEqual([
      [3, "import"],
      [2, "import"],
      [1, "import"],
    ]);
    const prompts = await Promise.all(
      history.map(
        async ({ id: version }) =>
          (await get<{ workflowData: Workflow }>(`/versions/${version}`)).workflowData.agents[0]?.systemPrompt,
      ),
    );
    expect(prompts).toEqual(["imported", "draft", "committed"]);
    expect(await get<Workflow>(`/workflows/${id}`)).toMatchObject({
      dirty: false,
      agents: [{ systemPrompt: "imported" }, {}],
    });
  });

  test("keeps its description where the file has none, and is told of the one that is replaced", async () => {
    const described = (description: string | null) => {
      const bundle = bundleOf("Described");
      return { ...bundle, workflow: { ...bundle.workflow, description } };
    };
    const id = await imported(described("What it is for"));
    const shown = async () => (await get<Workflow>(`/workflows/${id}`)).description;
    expect((await post(described(null), "?conflict=overwrite")).body.results[0]?.warnings).toEqual([]);
    expect(await shown()).toBe("What it is for");
    expect((await post(described("Something else"), "?conflict=overwrite")).body.results[0]?.warnings).toEqual([
      { path: "workflow.description", message: "replaces the one until now: What it is for" },
    ]);
    expect(await shown()).toBe("Something else");
  });

  test("as long as names may be is counted on as well, however often", async () => {
    const long = bundleOf("x".repeat(200));
    const names = [];
    for (let times = 0; times < 4; times += 1) names.push((await post(long)).body.results[0]?.name);
    expect(names.map((name) => name?.slice(-6))).toEqual(["xxxxxx", "xx (2)", "xx (3)", "xx (4)"]);
  });

  test("in another workspace is nobody's business here", async () => {
    const grace = await signUp("Grace");
    await imported(bundleOf("Shared name", {}, "ada's"));
    const before = await countRows(ada.workspaceId);
    const id = await imported(bundleOf("Shared name", {}, "grace's"), "?conflict=overwrite", grace);
    expect(await get<Workflow>(`/workflows/${id}`, grace)).toMatchObject({ name: "Shared name" });
    expect((await ada.send("GET", `/api/workflows/${id}`)).status).toBe(404);
    expect(await countRows(ada.workspaceId)).toEqual(before);
  });

  test("taken by many imports at once is given to one of them", async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(bundleOf("Raced"))));
    const names = answers.map(({ body }) => body.results[0]?.name).sort();
    expect(new Set(names).size).toBe(6);
    expect(names[0]).toBe("Raced");
  });
});

describe("workflows that name each other", () => {
  test("name each other here, in whatever order they come, and never one of elsewhere", async () => {
    const of = (id: string, name: string, after: string) => {
      const bundle = bundleOf(name, { schedules: [{ after: { workflowId: after } }] });
      return { ...bundle, workflow: { ...bundle.workflow, id } };
    };
    const elsewhere = await imported(bundleOf("Of Grace"), "", await signUp("Grace"));
    const { body } = await post([
      of("source-1", "First", "source-2"),
      of("source-2", "Second", "source-9"),
      of("source-3", "Third", elsewhere),
    ]);
    const [first, second, third] = body.results;
    expect(await list(`/workflows/${first?.workflowId}/schedules`)).toMatchObject([
      { after: { workflowId: second?.workflowId }, enabled: false },
    ]);
    for (const other of [second, third]) {
      expect(other?.warnings).toMatchObject([{ path: "schedules[0].after" }]);
      expect(await list(`/workflows/${other?.workflowId}/schedules`)).toEqual([]);
    }
  });
});

describe("a dry run", () => {
  test("says what would be done and does nothing", async () => {
    await imported(bundleOf("Planned"));
    const rows = await countRows();
    const { body } = await post(
      [bundleOf("Planned"), bundleOf("Unplanned", { schedules: [{ cronExpression: "0 1 * * *", version: 4 }] })],
      "?dryRun=true",
    );
    expect(body).toMatchObject({
      dryRun: true,
      results: [
        { name: "Planned (2)", action: "renamed", workflowId: null },
        { name: "Unplanned", action: "created", workflowId: null, warnings: [{ path: "schedules[0].version" }] },
      ],
    });
    expect(await countRows()).toEqual(rows);
  });
});

describe("a key that makes a repeat safe", () => {
  test("imports once, and answers the same", async () => {
    const headers = { "Idempotency-Key": "import-1" };
    const first = await post(bundleOf("Keyed"), "", ada, headers);
    const again = await post(bundleOf("Keyed"), "", ada, headers);
    expect(again.body).toEqual(first.body);
    const other = await post<Refusal>(bundleOf("Keyed otherwise"), "", ada, headers);
    expect([other.status, other.body.error.code]).toEqual([409, "idempotency_conflict"]);
  });

  test("holds when both come at once", async () => {
    const headers = { "Idempotency-Key": "import-2" };
    const answers = await Promise.all([1, 2, 3].map(() => post(bundleOf("Keyed at once"), "", ada, headers)));
    expect(new Set(answers.map(({ body }) => body.results[0]?.workflowId)).size).toBe(1);
    const { results } = await env.DB.prepare("SELECT id FROM workflows WHERE name LIKE 'Keyed at once%'").all();
    expect(results.length).toBe(1);
  });
});
