import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { canonicalJson, definitionSchema } from "../../src/definitions/index.ts";
import { startExecution } from "../../src/executions/index.ts";
import { definitionArb } from "../support/definition-arb.ts";
import { type Account, joinAs, signUp } from "../worker/accounts.ts";
import { ctxWith, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { prompted, type Version, versioning } from "../worker/versions.ts";
import { definitionOf } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const { workflow, save, commit, versions } = versioning(() => account);

async function draftPrompt(id: string): Promise<string | undefined> {
  const { body } = await account.send<{ agents: { prompt?: string }[] }>("GET", `/api/workflows/${id}`);
  return body.agents[0]?.prompt;
}

async function count(sql: string, ...values: unknown[]): Promise<number> {
  return z.object({ n: z.number() }).parse(
    await env.DB.prepare(sql)
      .bind(...values)
      .first(),
  ).n;
}

const snapshotsOf = () => count("SELECT count(*) AS n FROM snapshots WHERE workspace_id = ?", account.workspaceId);

describe("committing", () => {
  test("a commit makes the next version, with its author and parent", async () => {
    const id = await workflow();
    const first = await commit(id, "First");
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      version: 1,
      commitMessage: "First",
      createdBy: account.userId,
      createdByName: "Ada",
      kind: "manual",
      parentVersionId: null,
      executionCount: 0,
      successRate: null,
      unchanged: false,
    });
    await save(id, "two");
    const second = await commit(id, "Second");
    expect(second.body).toMatchObject({ version: 2, parentVersionId: first.body.id, kind: "manual" });
  });

  test("a commit of what the head holds answers the head, unchanged", async () => {
    const id = await workflow();
    const first = await commit(id, "First");
    const again = await commit(id, "Again");
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ id: first.body.id, commitMessage: "First", unchanged: true });
    expect(await versions(id)).toHaveLength(1);
  });

  test("a commit of what an automatic head holds makes that version a manual one", async () => {
    const id = await workflow();
    await commit(id, "First");
    await save(id, "two");
    const [auto] = await versions(id);
    expect(auto).toMatchObject({ version: 2, kind: "auto" });
    const committed = await commit(id, "Second");
    expect(committed.status).toBe(201);
    expect(committed.body).toMatchObject({ id: auto?.id, version: 2, kind: "manual", commitMessage: "Second" });
  });

  test("a hundred commits of the same draft add no snapshot and no version", async () => {
    const id = await workflow("a hundred times");
    await commit(id, "First");
    const before = await snapshotsOf();
    for (let i = 0; i < 100; i += 1) expect((await commit(id, `Again ${i}`)).status).toBe(200);
    expect(await snapshotsOf()).toBe(before);
    expect(await versions(id)).toHaveLength(1);
  });

  test("definitions that differ only in the order of keys share a snapshot", async () => {
    const id = await workflow("key order");
    const before = await snapshotsOf();
    const definition = prompted("key order");
    const shuffled = {
      ...definition,
      agents: definition.agents.map((agent) => Object.fromEntries(Object.entries(agent).toReversed())),
    };
    await account.send("PUT", `/api/workflows/${id}`, shuffled);
    expect(await snapshotsOf()).toBe(before);
  });

  test("commits and saves at once lose nothing and number without holes", async () => {
    const id = await workflow();
    await commit(id, "First");
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        await save(id, `race ${i}`);
        return commit(id, `Race ${i}`);
      }),
    );
    const history = await versions(id);
    for (const [i, { status, body }] of answers.entries()) {
      expect([status, body.unchanged]).toEqual(status === 201 ? [201, false] : [200, true]);
      const found = history.filter((version) => version.id === body.id);
      expect(found).toHaveLength(1);
      if (status === 201) expect(found[0]).toMatchObject({ kind: "manual", commitMessage: `Race ${i}` });
    }
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    const numbers = history.map((version) => version.version);
    expect(numbers).toEqual(Array.from(numbers, (_, i) => numbers.length - i));
    const head = history[0];
    const detail = await account.send<{ workflowData: unknown }>("GET", `/api/versions/${head?.id}`);
    const draft = await account.send<Record<string, unknown>>("GET", `/api/workflows/${id}`);
    expect(definitionSchema.parse(detail.body.workflowData).agents).toEqual(draft.body.agents);
  });

  test.each([
    ["an empty message", { commitMessage: "  " }],
    ["no message", {}],
    ["a message that is too long", { commitMessage: "x".repeat(2_001) }],
    ["a tag that is no simple name", { commitMessage: "ok", tag: "1.0 beta" }],
    ["the tag draft", { commitMessage: "ok", tag: "draft" }],
    ["an unknown field", { commitMessage: "ok", version: 7 }],
  ])("%s is refused and leaves nothing", async (_, body) => {
    const id = await workflow();
    expect((await account.send("POST", `/api/workflows/${id}/versions`, body)).status).toBe(422);
    expect(await versions(id)).toHaveLength(0);
  });

  test("dirty says whether the draft differs from the newest version that somebody committed", async () => {
    const id = await workflow();
    const dirty = async () => (await account.send<{ dirty: boolean }>("GET", `/api/workflows/${id}`)).body.dirty;
    expect(await dirty()).toBe(true);
    await commit(id, "First");
    expect(await dirty()).toBe(false);
    await save(id, "two");
    expect(await dirty()).toBe(true);
    await save(id, "one");
    expect(await dirty()).toBe(false);
  });
});

describe("restoring", () => {
  test("restoring adds a version on top of the head, and the draft is what it was", async () => {
    const id = await workflow("one");
    const first = await commit(id, "First");
    await save(id, "two");
    const second = await commit(id, "Second");
    const restored = await account.send<{ version: Version; unchanged: boolean; agents: { prompt: string }[] }>(
      "PUT",
      `/api/workflows/${id}/restore/${first.body.id}`,
    );
    expect(restored.status).toBe(200);
    expect(restored.body.agents[0]?.prompt).toBe("one");
    expect(restored.body.version).toMatchObject({
      version: 3,
      kind: "restore",
      commitMessage: "Restored from version 1",
      parentVersionId: second.body.id,
      contentHash: first.body.contentHash,
    });
    expect(await draftPrompt(id)).toBe("one");
    expect(await versions(id)).toHaveLength(3);
  });

  test("restoring what the head holds changes nothing", async () => {
    const id = await workflow();
    const first = await commit(id, "First");
    const restored = await account.send("PUT", `/api/workflows/${id}/restore/${first.body.id}`);
    expect(restored.body).toMatchObject({ unchanged: true, version: { version: 1 } });
    expect(await versions(id)).toHaveLength(1);
  });

  test("what was saved and not committed is kept as an automatic version", async () => {
    const id = await workflow("one");
    const first = await commit(id, "First");
    await save(id, "not committed");
    await account.send("PUT", `/api/workflows/${id}/restore/${first.body.id}`);
    expect((await versions(id)).map(({ kind }) => kind)).toEqual(["restore", "auto", "manual"]);
  });

  test("a definition that cannot run by today's rules is restored with warnings", async () => {
    const broken = definitionOf(["a>b", "b>a"]);
    const { body } = await account.send<{ id: string }>("POST", "/api/workflows", { name: "Cycle", ...broken });
    const first = await commit(body.id, "A cycle");
    await account.send("PUT", `/api/workflows/${body.id}`, prompted("fine"));
    const restored = await account.send<{ warnings: { code: string }[] }>(
      "PUT",
      `/api/workflows/${body.id}/restore/${first.body.id}`,
    );
    expect(restored.status).toBe(200);
    expect(restored.body.warnings.map(({ code }) => code)).toContain("cycle");
  });

  test("whatever was committed comes back to the byte", async () => {
    const id = await workflow();
    await fc.assert(
      fc.asyncProperty(definitionArb({ maxNodes: 6 }), async (definition) => {
        expect((await account.send("PUT", `/api/workflows/${id}`, definition)).status).toBe(200);
        const committed = await commit(id, "Generated");
        await save(id, "something else");
        await account.send("PUT", `/api/workflows/${id}/restore/${committed.body.id}`);
        const { body } = await account.send<z.infer<typeof definitionSchema>>("GET", `/api/workflows/${id}`);
        const { nodes, edges, agents, settings } = body;
        expect(canonicalJson(definitionSchema.parse({ nodes, edges, agents, settings }))).toBe(
          canonicalJson(definitionSchema.parse(definition)),
        );
      }),
      { numRuns: 15 },
    );
  });

  test("a version of another workflow is not found", async () => {
    const id = await workflow();
    const other = await workflow("other");
    const version = await commit(other, "First");
    const answer = await account.send("PUT", `/api/workflows/${id}/restore/${version.body.id}`);
    expect(answer).toMatchObject({ status: 404, body: { error: { code: "version_not_found" } } });
  });
});

describe("tags", () => {
  const tag = (versionId: string, body: object) => account.send<Version>("PUT", `/api/versions/${versionId}/tag`, body);

  test("a tag names one version and moves", async () => {
    const id = await workflow();
    const first = await commit(id, "First", "production");
    expect(first.body).toMatchObject({ tag: "production", tags: ["production"] });
    await save(id, "two");
    const second = await commit(id, "Second");
    expect((await tag(second.body.id, { tag: "production" })).body.tags).toEqual(["production"]);
    await tag(second.body.id, { tag: "v2.0" });
    const [head, before] = await versions(id);
    expect(new Set(head?.tags)).toEqual(new Set(["production", "v2.0"]));
    expect(before?.tags).toEqual([]);
  });

  test("the history can be narrowed to what somebody committed, to automatic versions and to tagged ones", async () => {
    const id = await workflow();
    await commit(id, "First", "production");
    await save(id, "two");
    await commit(id, "Second");
    await save(id, "three");
    const numbers = async (query: string) => {
      const { body } = await account.send<{ items: Version[] }>("GET", `/api/workflows/${id}/versions${query}`);
      return body.items.map((item) => item.version);
    };
    expect(await numbers("")).toEqual([3, 2, 1]);
    expect(await numbers("?kind=committed")).toEqual([2, 1]);
    expect(await numbers("?kind=auto")).toEqual([3]);
    expect(await numbers("?tagged=true")).toEqual([1]);
    expect(await numbers("?kind=auto&tagged=true")).toEqual([]);
  });

  test("one tag is removed by name, all by null", async () => {
    const id = await workflow();
    const { body } = await commit(id, "First", "a");
    await tag(body.id, { tag: "b" });
    expect((await tag(body.id, { remove: "a" })).body.tags).toEqual(["b"]);
    expect((await tag(body.id, { tag: null })).body).toMatchObject({ tag: null, tags: [] });
  });

  test.each([
    { tag: "no spaces" },
    { tag: "" },
    { tag: "draft" },
    { tag: "x".repeat(65) },
    {},
    { tag: "a", remove: "b" },
  ])("%j is refused", async (body) => {
    const id = await workflow();
    const version = await commit(id, "First");
    expect((await tag(version.body.id, body)).status).toBe(422);
  });

  test("what is executed by a tag runs the tagged version, whatever the draft says", async () => {
    const calls = answerAsOpenAi(() => ({ text: "ok" }));
    const id = await workflow("tagged");
    await commit(id, "First", "production");
    await save(id, "newer");
    const engine = testEngine();
    const trigger = { type: "manual", id: null } as const;
    await startExecution(ctxWith(account, engine), engine, {
      workflowId: id,
      input: null,
      version: "production",
      trigger,
    });
    await engine.drain();
    expect(calls[0]?.prompt).toBe("tagged");
  });

  test("a shared tag draws versions by weight, and each execution is counted on the one it ran", async () => {
    answerAsOpenAi(({ prompt: text }) => (text === "two" ? { status: 400 } : { text: "ok" }));
    const id = await workflow("one");
    const first = await commit(id, "First");
    await save(id, "two");
    const second = await commit(id, "Second");
    const shares = [
      { versionId: first.body.id, weight: 1 },
      { versionId: second.body.id, weight: 1 },
    ];
    const shared = await tag(first.body.id, { tag: "live", split: shares });
    expect(shared.body.splits).toEqual([{ tag: "live", percent: 50 }]);
    const engine = testEngine();
    const trigger = { type: "manual", id: null } as const;
    for (let i = 0; i < 20; i += 1) {
      await startExecution(ctxWith(account, engine), engine, { workflowId: id, input: null, version: "live", trigger });
    }
    await engine.drain();
    const comparison = await account.send<{ from: Version; to: Version }>(
      "GET",
      `/api/workflows/${id}/versions/1/compare/2`,
    );
    const { from, to } = comparison.body;
    expect(from.executionCount + to.executionCount).toBe(20);
    expect(from.executionCount).toBeGreaterThan(0);
    expect(to.executionCount).toBeGreaterThan(0);
    expect(from.successRate).toBe(100);
    expect(to.successRate).toBe(0);
    expect(from.avgInputTokens).toBe(20);
    // Two calls of 10 tokens in at $0.40 and 5 out at $1.60 a million.
    expect(from.avgCostNanoUsd).toBe(24_000);
  });

  test("a split must share the tag between this version and others of its workflow", async () => {
    const id = await workflow("one");
    const first = await commit(id, "First");
    await save(id, "two");
    const second = await commit(id, "Second");
    const other = await commit(await workflow("other"), "Other");
    const share = (versionId: string) => ({ versionId, weight: 1 });
    const split = (...ids: string[]) => tag(first.body.id, { tag: "live", split: ids.map(share) });
    expect((await split(second.body.id, second.body.id)).status).toBe(422);
    expect((await split(first.body.id, first.body.id)).status).toBe(422);
    expect((await split(first.body.id, other.body.id)).status).toBe(404);
    expect((await versions(id))[1]?.tags).toEqual([]);
  });
});

describe("comparing", () => {
  test("versions are named by id, number, tag or draft", async () => {
    const id = await workflow("one");
    const first = await commit(id, "First", "v1");
    await save(id, "two");
    for (const [from, to] of [
      ["1", "2"],
      ["v1", "draft"],
      [first.body.id, "2"],
    ]) {
      const { status, body } = await account.send<{ summary: object; changes: { agents: unknown[] } }>(
        "GET",
        `/api/workflows/${id}/versions/${from}/compare/${to}`,
      );
      expect(status).toBe(200);
      expect(body.summary).toMatchObject({ agentsModified: 1, nodesModified: 0 });
      expect(body.changes.agents).toEqual([
        { id: "agent-a", kind: "modified", fields: [{ path: "prompt", before: "one", after: "two" }] },
      ]);
    }
    expect((await account.send("GET", `/api/workflows/${id}/versions/1/compare/99`)).status).toBe(404);
  });
});

describe("who may", () => {
  test("another workspace sees no version, and a viewer changes none", async () => {
    const id = await workflow();
    const { body: version } = await commit(id, "First");
    const stranger = await signUp("Eve");
    const paths = [
      ["GET", `/api/workflows/${id}/versions`],
      ["POST", `/api/workflows/${id}/versions`],
      ["GET", `/api/versions/${version.id}`],
      ["PUT", `/api/workflows/${id}/restore/${version.id}`],
      ["GET", `/api/workflows/${id}/versions/1/compare/draft`],
      ["PUT", `/api/versions/${version.id}/tag`],
    ] as const;
    for (const [method, path] of paths) {
      const body = method === "POST" ? { commitMessage: "x" } : path.endsWith("/tag") ? { tag: "x" } : undefined;
      expect((await stranger.send(method, path, body)).status, path).toBe(404);
    }
    const viewer = await joinAs(account, "viewer");
    expect((await viewer.send("POST", `/api/workflows/${id}/versions`, { commitMessage: "x" })).status).toBe(403);
    expect((await viewer.send("PUT", `/api/versions/${version.id}/tag`, { tag: "x" })).status).toBe(403);
    expect((await viewer.send("PUT", `/api/workflows/${id}/restore/${version.id}`)).status).toBe(403);
    expect((await viewer.send("PUT", "/api/settings", { autoVersionsKept: 1 })).status).toBe(403);
    expect((await viewer.send("GET", `/api/workflows/${id}/versions`)).status).toBe(200);
  });
});
