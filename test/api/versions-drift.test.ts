import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { AppEnv } from "../../src/http/app.ts";
import { answerError } from "../../src/http/errors.ts";
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

interface Draft {
  agents: { prompt?: string }[];
  revision: number;
  unchanged: boolean;
}

const { workflow, save, commit, versions } = versioning(() => account);
const HOUR = 3_600_000;

test("an error that nobody foresaw does not promise that nothing was kept", async () => {
  vi.spyOn(console, "error").mockReturnValue(undefined);
  const app = new Hono<AppEnv>().get("/", () => {
    throw new Error("the answer was lost behind the effect");
  });
  app.onError(answerError);
  const answer = await app.request("/");
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
