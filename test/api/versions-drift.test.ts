import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { AppEnv } from "../../src/http/app.ts";
import { answerError } from "../../src/http/errors.ts";
import { commitVersion } from "../../src/versions/commit-version.ts";
import { type Account, ctxOf, signUp } from "../worker/accounts.ts";
import { testClock } from "../worker/engine.ts";
import { versioning } from "../worker/versions.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});

afterEach(() => {
  vi.restoreAllMocks();
});

const { workflow, save, versions } = versioning(() => account);
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
