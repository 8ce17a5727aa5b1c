import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { Imported } from "../../src/transfer/index.ts";
import { zipOf } from "../support/zip.ts";
import { type Account, joinAs, readAnswer, signUp } from "../worker/accounts.ts";
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

function versionOf(version: number, prompt: string, over: Record<string, unknown> = {}) {
  const workflowData = definitionOf(["a>b"], { agents: { a: { systemPrompt: prompt } } });
  return {
    ...{ version, commitMessage: `Commit ${version}`, kind: "manual", tags: [], createdAt: "2026-10-01T00:00:00.000Z" },
    ...{ createdByName: "Grace", parentVersion: version === 1 ? null : version - 1, workflowData, ...over },
  };
}

interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}

const post = <Body = Imported>(body: unknown, query = "", account = ada, headers = {}) =>
  account.send<Body>("POST", `/api/workflows/import${query}`, body, headers);

async function upload<Body = Imported>(body: BodyInit, query = "", account = ada) {
  return readAnswer<Body>(await account.fetch(`/api/workflows/import${query}`, { method: "POST", body }));
}

/** Imports what is expected to be taken, and answers the first workflow's id. */
async function imported(body: unknown, query = "", account = ada): Promise<string> {
  const answer = await post(body, query, account);
  const id = answer.body.results?.[0]?.workflowId;
  if (answer.status !== 200 || !id) throw new Error(`import answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return id;
}

interface Workflow {
  id: string;
  name: string;
  description: string | null;
  agents: { id: string; systemPrompt?: string }[];
  headVersion: { version: number } | null;
  dirty: boolean;
}
interface Items<Item> {
  items: Item[];
}
type Some = Record<string, unknown>;

const get = async <Body>(path: string, account = ada) => (await account.send<Body>("GET", `/api${path}`)).body;
const list = async <Item = Some>(path: string, account = ada) => (await get<Items<Item>>(path, account)).items;
const summary = (over: Partial<Imported["summary"]>) => ({
  created: 0,
  renamed: 0,
  overwritten: 0,
  skipped: 0,
  failed: 0,
  ...over,
});

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
        createdAt: "2026-09-01T00:00:00.000Z",
        startedAt: "2026-09-01T00:00:00.000Z",
        completedAt: "2026-09-01T00:00:02.500Z",
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
    const running = { status: "running", trigger: "manual", version: 99, steps: [{ nodeId: "a", status: "running" }] };
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

describe("what is refused leaves no trace", () => {
  const cases: [string, () => BodyInit, number, string][] = [
    ["nothing", () => "", 422, "import_invalid"],
    ["no JSON", () => "{", 422, "import_invalid"],
    ["an empty list", () => "[]", 422, "import_invalid"],
    ["a list that breaks off", () => `[${JSON.stringify(bundleOf("x"))}`, 400, "malformed_request"],
    ["text that is not UTF-8", () => new Uint8Array([0x22, 0xff, 0x22]), 400, "malformed_request"],
    ["brackets only", () => "[".repeat(100_000), 400, "malformed_request"],
    ["a newer format", () => JSON.stringify({ ...bundleOf("x"), version: "2.3" }), 422, "import_too_new"],
    [
      "a schedule that never fires",
      () => JSON.stringify(bundleOf("x", { schedules: [{ cronExpression: "0 0 30 2 *" }] })),
      422,
      "import_invalid",
    ],
    [
      "a mapping that is none",
      () => JSON.stringify(bundleOf("x", { webhooks: [{ payloadTransformer: { a: "][" } }] })),
      422,
      "import_invalid",
    ],
    [
      "one faulty workflow among good ones",
      () => JSON.stringify([bundleOf("good"), bundleOf("", {})]),
      422,
      "import_invalid",
    ],
    [
      "two versions of a number",
      () => JSON.stringify(bundleOf("x", { versions: [versionOf(1, "a"), versionOf(1, "b")] })),
      422,
      "import_invalid",
    ],
    [
      "a prototype in node data",
      () => JSON.stringify(bundleOf("x")).replace('"type":"agent"', '"type":"agent","data":{"__proto__":{"a":1}}'),
      422,
      "import_invalid",
    ],
    ["half a ZIP", () => zipOf([{ name: "workflow.json", data: "{}" }]).slice(0, 50), 422, "archive_refused"],
    ["a ZIP of something else", () => zipOf([{ name: "word/document.xml", data: "<x/>" }]), 422, "archive_refused"],
    ["a path out of the ZIP", () => zipOf([{ name: "../workflow.json", data: "{}" }]), 422, "archive_refused"],
    ["a bomb", () => zipOf([{ name: "workflow.json", data: "a".repeat(7_000_000) }]), 422, "archive_refused"],
    [
      "a ZIP with a wrong checksum",
      () => zipOf([{ name: "workflow.json", data: JSON.stringify(bundleOf("x")), claims: { crc: 5 } }]),
      422,
      "archive_refused",
    ],
    [
      "a manifest that names what is not there",
      () => zipOf([{ name: "manifest.json", data: '{"workflows":[{"name":"x","path":"workflows/1.json"}]}' }]),
      422,
      "archive_refused",
    ],
    [
      "a manifest that leaves a file out",
      () =>
        zipOf([
          { name: "manifest.json", data: '{"workflows":[]}' },
          { name: "workflows/1.json", data: "{}" },
        ]),
      422,
      "archive_refused",
    ],
    ["a manifest that is no JSON", () => zipOf([{ name: "manifest.json", data: "{" }]), 422, "archive_refused"],
  ];

  test.each(cases)("%s", async (_, body, status, code) => {
    const rows = await countRows();
    const answer = await upload<Refusal>(body());
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(await countRows()).toEqual(rows);
    expect((await env.EXPORTS.list()).objects).toEqual([]);
  });

  test("every fault is told with its path, of every workflow", async () => {
    const bad = bundleOf("", { schedules: [{ cronExpression: "nonsense" }] });
    const [agent] = bundleOf("x").agents;
    const worse = { ...bundleOf("Worse"), agents: [{ ...agent, temperature: 9, extra: true }] };
    const { body } = await post<Refusal>([bundleOf("Good"), bad, worse]);
    expect(body.error.details.map(({ path }) => path).sort()).toEqual([
      "[1].workflow.name",
      "[2].agents[0].extra",
      "[2].agents[0].temperature",
    ]);
    const { body: schedule } = await post<Refusal>(
      bundleOf("Scheduled", { schedules: [{ cronExpression: "nonsense" }] }),
    );
    expect(schedule.error.details).toMatchObject([{ path: "schedules[0].cronExpression" }]);
  });

  test("a viewer is refused before the body is looked at, and nobody is a stranger", async () => {
    const viewer = await joinAs(ada, "viewer");
    const rows = await countRows();
    expect((await upload<Refusal>("{", "", viewer)).status).toBe(403);
    expect((await viewer.send("GET", "/api/imports/none")).status).toBe(404);
    expect(await countRows()).toEqual(rows);
  });
});
