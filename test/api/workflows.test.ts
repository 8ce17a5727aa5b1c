import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { saveWorkflow } from "../../src/workflows/index.ts";
import type { WorkflowView } from "../../src/workflows/inputs.ts";
import { type Account, ctxOf, joinAs, signUp } from "../worker/accounts.ts";
import { testClock } from "../worker/engine.ts";
import { ended, execute, settled } from "../worker/executions.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { countRows } from "../worker/rows.ts";
import { createWorkflow, definitionOf } from "../worker/workflows.ts";

interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}

let owner: Account;
let editor: Account;
let viewer: Account;
let stranger: Account;
beforeAll(async () => {
  owner = await signUp("Olga");
  editor = await joinAs(owner, "editor");
  viewer = await joinAs(owner, "viewer");
  stranger = await signUp("Sven");
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});

const path = (id: string) => `/api/workflows/${id}`;
const get = async (id: string) => (await owner.send<WorkflowView>("GET", path(id))).body;
const paths = (refusal: Refusal) => refusal.error.details.map((detail) => detail.path);

async function versionsOf(workflowId: string) {
  const { results } = await env.DB.prepare(
    "SELECT id, number, kind, created_by, content_hash FROM versions WHERE workflow_id = ? ORDER BY number",
  )
    .bind(workflowId)
    .all();
  return results;
}

describe("creating and reading", () => {
  test("a workflow is answered whole, with its id, an ETag and no version yet", async () => {
    const definition = definitionOf(["a>b"], { settings: { maxParallel: 2 } });
    const made = await owner.send<WorkflowView>("POST", "/api/workflows", { name: "  Report ", ...definition });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "Report",
      description: null,
      ...definition,
      revision: 1,
      headVersion: null,
      dirty: true,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updatedAt: made.body.createdAt,
    });
    const read = await viewer.send<WorkflowView>("GET", path(made.body.id));
    expect(read).toMatchObject({ status: 200, body: made.body });
    expect([made.headers.get("ETag"), read.headers.get("ETag")]).toEqual(['"1"', '"1"']);
    expect(read.headers.get("Cache-Control")).toBe("no-store");
  });

  test("a name is enough, and what only the server may say is not taken from the client", async () => {
    const forged = { id: "mine", revision: 99, dirty: false, createdAt: "2001-01-01T00:00:00.000Z" };
    const { status, body } = await owner.send<WorkflowView>("POST", "/api/workflows", { name: "Bare", ...forged });
    expect(status).toBe(201);
    expect(body).toMatchObject({ nodes: [], edges: [], agents: [], settings: {}, revision: 1, dirty: true });
    expect(body.id).not.toBe("mine");
    expect(body.createdAt).not.toBe(forged.createdAt);
  });

  test("the list comes newest first, in pages that neither repeat nor leave out, of one workspace", async () => {
    const account = await signUp();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.unshift(await createWorkflow(account, ["a"]));
    await createWorkflow(stranger, ["a"]);
    const seen: string[] = [];
    let cursor: string | null = "";
    let pages = 0;
    while (cursor !== null && pages < 10) {
      const query: string = cursor === "" ? "limit=2" : `limit=2&cursor=${cursor}`;
      const page: { items: WorkflowView[]; nextCursor: string | null } = (
        await account.send<{ items: WorkflowView[]; nextCursor: string | null }>("GET", `/api/workflows?${query}`)
      ).body;
      seen.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor;
      pages += 1;
    }
    expect(seen).toEqual(ids);
    expect(pages).toBe(3);
    const names = await account.send<{ items: { id: string; name: string }[]; nextCursor: string | null }>(
      "GET",
      "/api/workflow-names?limit=2",
    );
    const { name } = (await account.send<WorkflowView>("GET", path(ids[0] ?? ""))).body;
    expect(names.body.items[0]).toEqual({ id: ids[0], name });
    const rest = await account.send<{ items: { id: string }[] }>(
      "GET",
      `/api/workflow-names?cursor=${names.body.nextCursor}`,
    );
    expect([...names.body.items, ...rest.body.items].map((item) => item.id)).toEqual(ids);
  });

  test.each(["garbage", "zzzz", "!!!", "%00", btoa("x"), btoa("' OR 1=1 --")])(
    "the cursor %s, which was never given out, is refused instead of taken for the end",
    async (cursor) => {
      const answer = await owner.send<Refusal>("GET", `/api/workflows?cursor=${encodeURIComponent(cursor)}`);
      expect(answer.status).toBe(422);
      expect(paths(answer.body)).toEqual(["cursor"]);
    },
  );

  test.each(["0", "201", "-1", "1.5", "many", ""])("a page of %j is refused", async (limit) => {
    const answer = await owner.send<Refusal>("GET", `/api/workflows?limit=${limit}`);
    expect([answer.status, paths(answer.body)]).toEqual([422, ["limit"]]);
  });
});

describe("saving", () => {
  test("a save replaces the draft, keeps what is left out of name and description, and ignores read-only fields", async () => {
    const { id } = (
      await owner.send<WorkflowView>("POST", "/api/workflows", {
        name: "Kept",
        description: "why",
        ...definitionOf(["a>b"], { settings: { stepRetries: 1 } }),
      })
    ).body;
    const before = await get(id);
    const back = await owner.send<WorkflowView>("PUT", path(id), {
      ...before,
      id: "other",
      revision: 77,
      createdAt: 0,
    });
    expect(back).toMatchObject({ status: 200, body: { id, revision: 2, createdAt: before.createdAt } });
    expect(back.headers.get("ETag")).toBe('"2"');

    const replaced = (await owner.send<WorkflowView>("PUT", path(id), { nodes: before.nodes.slice(0, 1) })).body;
    expect(replaced).toMatchObject({
      name: "Kept",
      description: "why",
      edges: [],
      agents: [],
      settings: {},
      revision: 3,
    });
    expect(replaced.nodes).toHaveLength(1);
    const renamed = await owner.send("PUT", path(id), { name: "New", description: null });
    expect(renamed.body).toMatchObject({ name: "New", description: null, nodes: [] });
    expect(await get(id)).toEqual(renamed.body);
  });

  test("unknown fields, wrong types and duplicate ids are all named with their place, and nothing is saved", async () => {
    const id = await createWorkflow(owner, ["a>b"]);
    const before = [await get(id), await countRows()];
    const { nodes, agents } = definitionOf(["a>b"]);
    const [a, b] = nodes;
    const answer = await owner.send<Refusal>("PUT", path(id), {
      nodes: [a, b, { ...a }, { ...b, id: "c", colour: "red" }],
      agents: [{ ...agents[0], temperature: 3, maxTokens: "many" }],
      edges: [{ id: "e", source: "a" }],
      settings: { timeout: 5 },
      tags: [],
    });
    expect(answer.status).toBe(422);
    expect(answer.body.error.code).toBe("invalid_fields");
    expect(new Set(paths(answer.body))).toEqual(
      new Set([
        "nodes[2].id",
        "nodes[3].colour",
        "agents[0].temperature",
        "agents[0].maxTokens",
        "edges[0].target",
        "settings.timeout",
        "tags",
      ]),
    );
    const twice = await owner.send<Refusal>("PUT", path(id), { nodes: [a, b, { ...a }] });
    expect([twice.status, paths(twice.body)]).toEqual([422, ["nodes[2].id"]]);
    expect([await get(id), await countRows()]).toEqual(before);
  });

  test("of five saves on top of the same revision one goes through and four are told of the conflict", async () => {
    const id = await createWorkflow(owner, ["a"]);
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((n) =>
        owner.send<WorkflowView & Refusal>(
          "PUT",
          path(id),
          { name: `Take ${n}`, ...definitionOf([`n${n}`]) },
          { "If-Match": '"1"' },
        ),
      ),
    );
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 409, 409, 409, 409]);
    for (const { status, body } of answers) if (status === 409) expect(body.error.code).toBe("draft_conflict");
    const won = answers.find((answer) => answer.status === 200)?.body;
    expect(await get(id)).toEqual(won);
    expect(won?.revision).toBe(2);
    expect(await versionsOf(id)).toHaveLength(1);
    const stale = await owner.send("PUT", path(id), {}, { "If-Match": '"1"' });
    expect(stale.status).toBe(409);
    expect((await owner.send("PUT", path(id), {}, { "If-Match": 'W/"2"' })).status).toBe(200);
    expect((await owner.send("PUT", path(id), {}, { "If-Match": "*" })).status).toBe(200);
    // `undefined` for a revision that cannot be read would save over somebody's work.
    for (const garbage of ['"abc"', "-1", '"1", "2"', '"1.5"', `"${"9".repeat(40)}"`]) {
      const answer = await owner.send<Refusal>("PUT", path(id), {}, { "If-Match": garbage });
      expect([garbage, answer.status, answer.body.error?.code]).toEqual([garbage, 400, "malformed_request"]);
    }
    expect((await get(id)).revision).toBe(4);
  });

  test("saves without If-Match all count, also at once, and no two versions share a number", async () => {
    const id = await createWorkflow(owner, ["a"]);
    const people = [owner, editor, owner, editor, owner, editor];
    await Promise.all(people.map((who, n) => who.send("PUT", path(id), definitionOf([`n${n}`]))));
    expect((await get(id)).revision).toBe(7);
    const numbers = (await versionsOf(id)).map((version) => version.number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});

describe("automatic versions", () => {
  const save = (who: Account, id: string, node: string, at: number) =>
    saveWorkflow(ctxOf(who, { clock: testClock(at) }), { workflowId: id, definition: definition(node) });
  const definition = (node: string) => ({ ...definitionOf([node]), settings: {} });
  const heads = async (id: string) => (await versionsOf(id)).map((version) => version.created_by);
  const MINUTE = 60_000;

  test("one author's saves within five minutes of the first go into one version, and no later ones", async () => {
    const id = await createWorkflow(owner, ["a"]);
    const start = Date.now();
    const first = await save(owner, id, "b", start);
    expect(first.headVersion).toMatchObject({ version: 1 });
    expect((await save(owner, id, "c", start + 2 * MINUTE)).headVersion).toEqual(first.headVersion);
    expect((await save(owner, id, "d", start + 4 * MINUTE)).headVersion).toEqual(first.headVersion);
    expect((await save(owner, id, "e", start + 5 * MINUTE)).headVersion?.version).toBe(2);
    // Content that the head holds already makes no version, however old it is.
    expect((await save(owner, id, "e", start + 60 * MINUTE)).headVersion?.version).toBe(2);
    expect(await heads(id)).toEqual([owner.userId, owner.userId]);
  });

  test("somebody else's save does not change what the first one's version holds", async () => {
    const id = await createWorkflow(owner, ["a"]);
    const start = Date.now();
    await save(owner, id, "b", start);
    await save(editor, id, "c", start + 1);
    await save(owner, id, "d", start + 2);
    expect(await heads(id)).toEqual([owner.userId, editor.userId, owner.userId]);
    expect(new Set((await versionsOf(id)).map((version) => version.content_hash)).size).toBe(3);
  });

  test("a version that was executed is never amended", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const id = await createWorkflow(owner, ["a"]);
    await owner.send("PUT", path(id), definitionOf(["b"]));
    const executionId = await execute(owner, id);
    const [executed] = await versionsOf(id);
    await owner.send("PUT", path(id), definitionOf(["c"]));
    const after = await versionsOf(id);
    expect(after[0]).toEqual(executed);
    expect(after).toHaveLength(2);
    const execution = await ended(owner, executionId);
    expect(execution).toMatchObject({ versionId: executed?.id, version: 1, status: "succeeded" });
    expect(execution.steps.map((step) => step.nodeId)).toEqual(["b"]);
  });

  test("an automatic head leaves the workflow dirty; a committed one does not until the draft differs", async () => {
    const id = await createWorkflow(owner, ["a"]);
    await owner.send("PUT", path(id), definitionOf(["b"]));
    const [head] = await versionsOf(id);
    expect(await get(id)).toMatchObject({ headVersion: { id: head?.id, version: 1 }, dirty: true });
    await env.DB.prepare("UPDATE versions SET kind = 'manual' WHERE id = ?").bind(head?.id).run();
    expect(await get(id)).toMatchObject({ headVersion: { version: 1 }, dirty: false });
    await owner.send("PUT", path(id), definitionOf(["c"]));
    expect(await get(id)).toMatchObject({ headVersion: { version: 2 }, dirty: true });
    await owner.send("PUT", path(id), definitionOf(["b"]));
    expect(await get(id)).toMatchObject({ dirty: false });
  });
});

describe("deleting", () => {
  /** What was spent stays known, with the name of the workflow that it was spent on. */
  const withoutMoney = ({
    execution_costs,
    cost_rollups,
    execution_rollups,
    unfolded_rollups,
    deleted_workflows,
    ...rest
  }: Record<string, number>) => rest;

  test("a deleted workflow leaves no row behind but those of the money that it cost, however its drafts changed", async () => {
    answerAsOpenAi(() => ({ text: "ok" }));
    const account = await signUp();
    const kept = await createWorkflow(account, ["shared"]);
    const before = await countRows();
    const id = await createWorkflow(account, ["x>y"]);
    await account.send("PUT", path(id), definitionOf(["shared"]));
    await account.send("PUT", path(id), definitionOf(["x>z"]));
    const started = await account.send<{ executionId: string }>(
      "POST",
      `${path(id)}/execute`,
      {},
      { "Idempotency-Key": "k" },
    );
    await ended(account, started.body.executionId);
    await account.send("PUT", path(id), definitionOf(["x>w"]));
    await account.send("POST", `/api/executions/${started.body.executionId}/retry`, {}, { "Idempotency-Key": "k" });
    expect((await countRows()).steps).toBe((before.steps ?? 0) + 2);

    expect((await account.send("DELETE", path(id))).status).toBe(204);
    const after = await countRows();
    expect(after.execution_costs).toBe((before.execution_costs ?? 0) + 2);
    expect(withoutMoney(after)).toEqual(withoutMoney(before));
    expect((await account.send("GET", path(id))).status).toBe(404);
    expect((await account.send("DELETE", path(id))).status).toBe(404);
    expect((await account.send("GET", `/api/executions/${started.body.executionId}`)).status).toBe(404);
    const again = await account.send("POST", `${path(id)}/execute`, {}, { "Idempotency-Key": "k" });
    expect(again.status).toBe(404);
    expect((await account.send<WorkflowView>("GET", path(kept))).body.nodes).toHaveLength(1);
  });

  test("an editor saves but does not delete", async () => {
    const id = await createWorkflow(owner, ["a"]);
    const answer = await editor.send<Refusal>("DELETE", path(id));
    expect([answer.status, answer.body.error.code]).toEqual([403, "forbidden"]);
    expect((await get(id)).id).toBe(id);
  });
});
