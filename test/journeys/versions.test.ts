import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { startedSchema } from "../../src/executions/inputs.ts";
import { committedSchema, comparisonSchema, versionDetailSchema, versionSchema } from "../../src/versions/inputs.ts";
import { restoredSchema, workflowSchema } from "../../src/workflows/inputs.ts";
import type { Account } from "../support/account.ts";
import { startTestInstance, type TestInstance } from "../support/instance.ts";
import { createWorkflow, ended, graphOf } from "../support/workflows.ts";

let swarm: TestInstance;
let person: Account;
beforeAll(async () => {
  swarm = await startTestInstance();
  person = await swarm.signUp();
});
beforeEach(() => swarm.providers.reset());
afterAll(() => swarm?.stop());

const historySchema = z.object({ items: z.array(versionSchema), nextCursor: z.null() });

/** The graph of these tests, whose first agent is asked `prompt`. */
const asking = (prompt: string) => ({ agents: { draft: { prompt } } });
const EDGES = ["draft>review"];

const create = (prompt: string) => createWorkflow(person, EDGES, asking(prompt));

async function answered<Schema extends z.ZodType>(
  schema: Schema,
  status: number,
  ...request: Parameters<Account["request"]>
): Promise<z.infer<Schema>> {
  const answer = await person.request(...request);
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  return schema.parse(answer.body);
}

const read = (id: string) => answered(workflowSchema, 200, "GET", `/api/workflows/${id}`);
const save = (id: string, prompt: string) =>
  answered(workflowSchema, 200, "PUT", `/api/workflows/${id}`, graphOf(EDGES, asking(prompt)));
const commit = (id: string, commitMessage: string, tag?: string) =>
  answered(committedSchema, 201, "POST", `/api/workflows/${id}/versions`, { commitMessage, ...(tag ? { tag } : {}) });
const history = async (id: string) =>
  (await answered(historySchema, 200, "GET", `/api/workflows/${id}/versions`)).items;
const detail = (versionId: string) => answered(versionDetailSchema, 200, "GET", `/api/versions/${versionId}`);
const restore = (id: string, versionId: string) =>
  answered(restoredSchema, 200, "PUT", `/api/workflows/${id}/restore/${versionId}`);
const compare = (id: string, from: string | number, to: string | number) =>
  answered(comparisonSchema, 200, "GET", `/api/workflows/${id}/versions/${from}/compare/${to}`);
const tag = (versionId: string, change: object) =>
  answered(versionSchema, 200, "PUT", `/api/versions/${versionId}/tag`, change);

async function executeVersion(id: string, version?: string): Promise<string> {
  const body = { input: "go", ...(version === undefined ? {} : { version }) };
  return (await answered(startedSchema, 202, "POST", `/api/workflows/${id}/execute`, body)).executionId;
}

function definitionOf({ nodes, edges, agents, settings }: z.infer<typeof workflowSchema>) {
  return { nodes, edges, agents, settings };
}

/** A side of a comparison that is a version. */
function statisticsOf(side: z.infer<typeof comparisonSchema>["from"]) {
  if (side.draft) throw new Error("A version was expected, and this is the draft.");
  return side;
}

test("a workflow that was changed, committed and changed again is what it was after a restore", async () => {
  const id = await create("as created");
  await save(id, "as committed");
  const committed = await commit(id, "The first good one");
  expect(committed).toMatchObject({ version: 1, kind: "manual", commitMessage: "The first good one" });
  const good = await read(id);
  expect(good.dirty).toBe(false);

  await save(id, "worse");
  expect(await read(id)).toMatchObject({ dirty: true, headVersion: { version: 2 } });

  const restored = await restore(id, committed.id);
  expect(restored.version).toMatchObject({ version: 3, kind: "restore", commitMessage: "Restored from version 1" });
  const now = await read(id);
  expect(definitionOf(now)).toEqual(definitionOf(good));
  expect(now).toMatchObject({ dirty: false, headVersion: { id: restored.version.id, version: 3 } });
  expect((await detail(restored.version.id)).workflowData).toEqual((await detail(committed.id)).workflowData);

  // Going back took nothing away: what was worse can be looked at, and come back to.
  expect((await history(id)).map(({ version, kind }) => [version, kind])).toEqual([
    [3, "restore"],
    [2, "auto"],
    [1, "manual"],
  ]);
  const { changes, summary } = await compare(id, 2, 3);
  expect(summary).toMatchObject({ agentsModified: 1, nodesModified: 0, edgesModified: 0 });
  expect(changes.agents).toEqual([
    {
      id: "agent-draft",
      kind: "modified",
      fields: [{ path: "prompt", before: "worse", after: "as committed" }],
    },
  ]);
});

test("what runs by a tag runs the tagged version, whatever the draft says, and moving the tag deploys", async () => {
  const id = await create("stable");
  const stable = await commit(id, "Stable", "production");
  await save(id, "risky");

  const promptsOf = async (version?: string) => {
    swarm.providers.calls.length = 0;
    const execution = await ended(person, await executeVersion(id, version));
    expect(execution.status).toBe("succeeded");
    return { versionId: execution.versionId, prompt: swarm.providers.calls[0]?.prompt };
  };
  expect(await promptsOf("production")).toEqual({ versionId: stable.id, prompt: "stable" });
  expect((await promptsOf()).prompt).toBe("risky");

  const risky = await commit(id, "Risky");
  expect(await promptsOf("production")).toEqual({ versionId: stable.id, prompt: "stable" });
  expect((await tag(risky.id, { tag: "production" })).tags).toEqual(["production"]);
  expect(await promptsOf("production")).toEqual({ versionId: risky.id, prompt: "risky" });
  expect((await history(id)).map(({ version, tags }) => [version, tags])).toEqual([
    [2, ["production"]],
    [1, []],
  ]);
});

test("a tag that is shared sends executions to both versions, and the comparison tells how each did", async () => {
  const EXECUTIONS = 16;
  const id = await create("reliable");
  const reliable = await commit(id, "Reliable");
  await save(id, "fragile");
  const fragile = await commit(id, "Fragile");
  // 404 is final: it is not asked again.
  swarm.providers.on({ contains: "fragile" }, { status: 404, message: "no such model" });
  const split = [
    { versionId: reliable.id, weight: 1 },
    { versionId: fragile.id, weight: 1 },
  ];
  expect((await tag(fragile.id, { tag: "live", split })).splits).toEqual([{ tag: "live", percent: 50 }]);

  const started = await Promise.all(Array.from({ length: EXECUTIONS }, () => executeVersion(id, "live")));
  const executions = await Promise.all(started.map((executionId) => ended(person, executionId)));
  const ranOn = (versionId: string) => executions.filter((execution) => execution.versionId === versionId);

  const comparison = await compare(id, 1, 2);
  const [one, other] = [statisticsOf(comparison.from), statisticsOf(comparison.to)];
  expect(one.executionCount).toBe(ranOn(reliable.id).length);
  expect(other.executionCount).toBe(ranOn(fragile.id).length);
  expect(one.executionCount + other.executionCount).toBe(EXECUTIONS);
  // Each is drawn by its own id: that all sixteen fall on one side happens once in 32,768 runs.
  expect(Math.min(one.executionCount, other.executionCount)).toBeGreaterThan(0);
  expect(one).toMatchObject({ successRate: 100, avgInputTokens: 200, avgOutputTokens: 40 });
  expect(other).toMatchObject({ successRate: 0, avgInputTokens: 0 });
  const durations = ranOn(reliable.id).map(({ durationMs }) => durationMs ?? 0);
  const mean = durations.reduce((sum, ms) => sum + ms, 0) / durations.length;
  expect(Math.abs((one.avgDuration ?? 0) - mean)).toBeLessThanOrEqual(1);
});
