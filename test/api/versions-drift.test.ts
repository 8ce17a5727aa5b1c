import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { AppEnv } from "../../src/http/app.ts";
import { answerError } from "../../src/http/errors.ts";
import { requestId } from "../../src/http/request-id.ts";
import { commitVersion } from "../../src/versions/commit-version.ts";
import { saveWorkflow } from "../../src/workflows/index.ts";
import { type Account, ctxOf, joinAs, signUp } from "../worker/accounts.ts";
import { testClock } from "../worker/engine.ts";
import { prompted, versioning } from "../worker/versions.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});

afterEach(() => {
  vi.restoreAllMocks();
});

interface Faults {
  valid: boolean;
  errors: { path: string }[];
}
interface Refusal {
  error: { code: string; details: { path: string }[] };
}
interface Draft {
  agents: { prompt?: string }[];
  revision: number;
  unchanged: boolean;
}

const { workflow, save, commit, versions } = versioning(() => account);
const HOUR = 3_600_000;

test("an error that nobody foresaw does not promise that nothing was kept", async () => {
  vi.spyOn(console, "error").mockReturnValue(undefined);
  const app = new Hono<AppEnv>().use(requestId).get("/", () => {
    throw new Error("the answer was lost behind the effect");
  });
  app.onError(answerError);
  const answer = await app.request("/", {}, env);
  expect(answer.status).toBe(500);
  expect(await answer.text()).toMatch(/may or may not have taken effect/);
});

describe("committing an automatic version", () => {
  test.each([
    ["that was executed keeps the time before its executions", 1],
    ["that was never executed gives it the time of the commit", 0],
  ])("%s", async (_, executed) => {
    const id = await workflow();
    await save(id, "two");
    const [before] = await versions(id);
    await env.DB.prepare("UPDATE versions SET executed = ? WHERE id = ?").bind(executed, before?.id).run();
    const now = Date.now() + HOUR;
    const ctx = ctxOf(account, { clock: testClock(now) });
    const { version, unchanged } = await commitVersion(ctx, { workflowId: id, commitMessage: "Mine" });
    expect({ ...version, unchanged }).toMatchObject({ id: before?.id, kind: "manual", unchanged: false });
    expect(version.createdAt).toBe(executed === 1 ? before?.createdAt : new Date(now).toISOString());
  });
});

describe("an answer among saves at once", () => {
  test("each save is answered its own draft and revision, which nobody else is answered", async () => {
    const id = await workflow();
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, i) => account.send<Draft>("PUT", `/api/workflows/${id}`, prompted(`save ${i}`))),
    );
    expect(answers.map(({ body }) => body.agents[0]?.prompt)).toEqual(answers.map((_, i) => `save ${i}`));
    expect(answers.map(({ headers, body }) => headers.get("ETag") === `"${body.revision}"`)).not.toContain(false);
    const revisions = answers.map(({ body }) => body.revision).toSorted((a, b) => a - b);
    expect(revisions).toEqual(answers.map((_, i) => i + 2));
    const last = answers.find(({ body }) => body.revision === 25);
    expect((await account.send<Draft>("GET", `/api/workflows/${id}`)).body).toEqual(last?.body);
  });

  test("each restore is answered its own revision too", async () => {
    const id = await workflow();
    const { body: first } = await commit(id);
    await save(id, "two");
    const { body: second } = await commit(id);
    await save(id, "three");
    const answers = await Promise.all(
      [first, second, first, second].map((version) =>
        account.send<Draft>("PUT", `/api/workflows/${id}/restore/${version.id}`),
      ),
    );
    const moved = answers.filter(({ body }) => !body.unchanged).map(({ body }) => body.revision);
    expect(new Set(moved).size).toBe(moved.length);
    expect(answers.map(({ body }) => body.agents[0]?.prompt)).toEqual(["one", "two", "one", "two"]);
  });
});

describe("the definition that a workflow was created with", () => {
  const MINUTE = 60_000;
  const prompts = async (id: string) =>
    Promise.all(
      (await versions(id)).map(async (version) => {
        const { body } = await account.send<{ workflowData: Draft }>("GET", `/api/versions/${version.id}`);
        return body.workflowData.agents[0]?.prompt;
      }),
    );
  const saveAt = (who: Account, workflowId: string, text: string, at: number) =>
    saveWorkflow(ctxOf(who, { clock: testClock(at) }), { workflowId, definition: { ...prompted(text), settings: {} } });

  test("begins the history when it is saved over after five minutes", async () => {
    const id = await workflow("one");
    const { headVersion } = await saveAt(account, id, "two", Date.now() + 6 * MINUTE);
    expect(headVersion?.version).toBe(2);
    expect(await prompts(id)).toEqual(["two", "one"]);
  });

  test("begins the history, as its author's, when somebody else saves over it at once", async () => {
    const id = await workflow("one");
    const editor = await joinAs(account, "editor");
    await saveAt(editor, id, "two", Date.now());
    expect(await prompts(id)).toEqual(["two", "one"]);
    expect((await versions(id)).map(({ createdBy }) => createdBy)).toEqual([editor.userId, account.userId]);
  });

  test("is part of the first version when its author saves within five minutes", async () => {
    const id = await workflow("one");
    await saveAt(account, id, "two", Date.now() + 4 * MINUTE);
    expect(await prompts(id)).toEqual(["two"]);
  });
});

describe("a definition that was stored under another schema", () => {
  /** Makes what is stored of a workflow's draft, and of the version that holds it too, what an older release wrote. */
  async function drift(id: string): Promise<void> {
    const { nodes, edges, agents } = prompted("kept");
    const [a, b] = agents;
    const old = {
      nodes: [...nodes, { id: "c", type: "human", position: { x: 0, y: 0 } }],
      edges: [{ ...edges[0], when: "false" }],
      agents: [
        { ...a, temperature: 9, mood: "calm" },
        { ...b, fallback: { enabled: true, targets: [{ provider: "anthropic", region: "eu" }] } },
        { id: "agent-c", nodeId: "c" },
      ],
      settings: { maxParallel: 2, stepRetries: 99, colour: "red" },
      theme: {},
    };
    await env.DB.prepare(
      "UPDATE snapshots SET encoding = 'json', content = ? WHERE hash = (SELECT draft_hash FROM workflows WHERE id = ?)",
    )
      .bind(JSON.stringify(old), id)
      .run();
  }
  const LOST = [
    "theme",
    "nodes[2]",
    "edges[0].when",
    "agents[0].temperature",
    "agents[0].mood",
    "agents[1].fallback.targets[0].region",
    "agents[2]",
    "settings.stepRetries",
    "settings.colour",
  ];

  async function drifted(): Promise<{ id: string; versionId: string }> {
    const id = await workflow(`drift ${crypto.randomUUID()}`);
    const { body } = await commit(id);
    await drift(id);
    return { id, versionId: body.id };
  }

  test("is shown as far as it is understood: alone, in the list, as a version and in a comparison", async () => {
    const { id, versionId } = await drifted();
    const understood = {
      nodes: [{ id: "a" }, { id: "b" }],
      edges: [{ id: "e0", source: "a", target: "b" }],
      agents: [
        { id: "agent-a", prompt: "kept", temperature: 0.7 },
        { id: "agent-b", fallback: { targets: [{ provider: "anthropic" }] } },
      ],
      settings: { maxParallel: 2 },
    };
    expect(await account.send("GET", `/api/workflows/${id}`)).toMatchObject({ status: 200, body: understood });
    const list = await account.send<{ items: { id: string }[] }>("GET", "/api/workflows");
    expect(list.body.items.map((item) => item.id)).toContain(id);
    const version = await account.send("GET", `/api/versions/${versionId}`);
    expect(version).toMatchObject({ status: 200, body: { workflowData: understood } });
    expect((await account.send("GET", `/api/workflows/${id}/versions/1/compare/draft`)).status).toBe(200);
  });

  test("is not executed without what was left out, which validate and execute name", async () => {
    const { id } = await drifted();
    const validation = await account.send<Faults>("POST", `/api/workflows/${id}/validate`, {});
    expect(validation.body.valid).toBe(false);
    expect(validation.body.errors.map(({ path }) => path).toSorted()).toEqual(LOST.toSorted());
    for (const body of [{}, { version: 1 }]) {
      const refused = await account.send<Refusal>("POST", `/api/workflows/${id}/execute`, body);
      expect(refused).toMatchObject({ status: 422, body: { error: { code: "workflow_invalid" } } });
      expect(refused.body.error.details.map(({ path }) => path)).toEqual(expect.arrayContaining(LOST));
    }
  });

  test("is restored with a warning for all that is not understood", async () => {
    const { id } = await drifted();
    await save(id, "two");
    const restored = await account.send<Draft & { warnings: { path: string }[] }>(
      "PUT",
      `/api/workflows/${id}/restore/1`,
    );
    expect(restored).toMatchObject({ status: 200, body: { unchanged: false } });
    expect(restored.body.warnings.map(({ path }) => path)).toEqual(expect.arrayContaining(LOST));
  });

  test("is mended by a save", async () => {
    const { id } = await drifted();
    await save(id, "mended");
    expect((await account.send<Faults>("POST", `/api/workflows/${id}/validate`, {})).body.valid).toBe(true);
  });

  test.each([
    ["no object", "null"],
    ["lists that are none", '{"nodes":{},"edges":7,"agents":"x","settings":[]}'],
    ["items that are none", '{"nodes":[null,7,[]],"agents":[[[]]],"settings":"x"}'],
    ["two of one id", JSON.stringify({ ...prompted("x"), edges: [...prompted("x").edges, ...prompted("x").edges] })],
  ])("never keeps a workflow from being read: %s", async (_, content) => {
    const id = await workflow(`hostile ${crypto.randomUUID()}`);
    await env.DB.prepare(
      "UPDATE snapshots SET encoding = 'json', content = ? WHERE hash = (SELECT draft_hash FROM workflows WHERE id = ?)",
    )
      .bind(content, id)
      .run();
    expect((await account.send("GET", `/api/workflows/${id}`)).status).toBe(200);
    expect((await account.send<Faults>("POST", `/api/workflows/${id}/validate`, {})).body.valid).toBe(false);
  });
});
