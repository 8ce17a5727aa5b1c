import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { openDb } from "../../src/db/client.ts";
import type { ExecutionDetail } from "../../src/executions/inputs.ts";
import { MAX_SHOWN_BYTES } from "../../src/executions/limits.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import { retryExecution } from "../../src/executions/retry-execution.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, testEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { runOnce } from "../worker/run-once.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const NO_RETRIES = { settings: { stepRetries: 0 } };
const bytes = (text: string | null) => new TextEncoder().encode(text ?? "").byteLength;

async function run(edges: readonly string[]) {
  const engine = testEngine();
  const { executionId } = await runOnce(account, engine, edges, NO_RETRIES);
  return { engine, ctx: ctxWith(account, engine), executionId };
}

test.each([
  ["400 KB", "x".repeat(400_000)],
  ["2 MB", "x".repeat(MAX_SHOWN_BYTES)],
])("a single output of %s is shown whole", async (_, text) => {
  answerAsOpenAi(() => ({ text }));
  const { executionId } = await run(["a"]);
  const { body } = await account.send<ExecutionDetail>("GET", `/api/executions/${executionId}`);
  expect(body.output === text).toBe(true);
  expect(body).toMatchObject({ outputTruncated: false, steps: [{ outputTruncated: false }] });
});

test("twelve large outputs are cut to what one answer may hold, behind a small one that comes whole", async () => {
  const large = "€".repeat(150_000);
  answerAsOpenAi(({ system }) => ({ text: system === "You are a." ? "small" : large }));
  const edges = Array.from({ length: 12 }, (_, index) => `a>b${index}`);
  const { ctx, engine, executionId } = await run(edges);
  const read = vi.spyOn(engine.outputs, "get");
  const execution = await getExecution(ctx, engine, executionId);
  expect(read).not.toHaveBeenCalled();
  expect(execution.steps[0]).toMatchObject({ output: "small", outputTruncated: false });
  const shown = execution.steps.map((step) => bytes(step.output)).reduce((sum, each) => sum + each, 0);
  expect(shown).toBeLessThanOrEqual(MAX_SHOWN_BYTES);
  expect(shown).toBeGreaterThan(MAX_SHOWN_BYTES * 0.99);
  for (const step of execution.steps.slice(1)) {
    expect(step.outputTruncated).toBe(true);
    // Cut between characters: half a euro sign would be shown as a replacement mark.
    expect(step.output).toMatch(/^€+$/);
  }
  expect(execution.outputTruncated).toBe(true);
});

test("outputs that stand in rows are cut too, when there are many", async () => {
  answerAsOpenAi(() => ({ text: "€".repeat(80_000) }));
  const { ctx, engine, executionId } = await run(Array.from({ length: 11 }, (_, index) => `a>b${index}`));
  const execution = await getExecution(ctx, engine, executionId);
  const shown = execution.steps.map((step) => bytes(step.output)).reduce((sum, each) => sum + each, 0);
  expect(shown).toBeLessThanOrEqual(MAX_SHOWN_BYTES);
  expect(execution.steps.every((step) => step.outputTruncated && /^€+$/.test(step.output ?? ""))).toBe(true);
});

test("the whole output of a step is a text to download, however large", async () => {
  const large = "é".repeat(1_500_000);
  answerAsOpenAi(({ system }) => (system === "You are a." ? { text: large } : { text: "<script>" }));
  const { executionId } = await run(["a>b"]);
  const whole = await account.fetch(`/api/executions/${executionId}/steps/a/output`);
  expect(whole.status).toBe(200);
  expect((await whole.text()) === large).toBe(true);
  const small = await account.fetch(`/api/executions/${executionId}/steps/b/output`);
  expect(await small.text()).toBe("<script>");
  for (const { headers } of [whole, small]) {
    expect(headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Content-Disposition")).toMatch(/^attachment; filename="[ab]\.txt"$/);
    expect(headers.get("Cache-Control")).toBe("no-store");
  }
});

test("there is no output of another workspace's step, of an unknown one, or of one that failed", async () => {
  answerAsOpenAi(() => ({ status: 400 }));
  const { executionId } = await run(["a"]);
  const stranger = await signUp();
  const codeFor = async (who: Account, path: string) => {
    const { status, body } = await who.send<{ error: { code: string } }>("GET", `/api/executions/${path}`);
    return [status, body.error.code];
  };
  expect(await codeFor(stranger, `${executionId}/steps/a/output`)).toEqual([404, "execution_not_found"]);
  expect(await codeFor(account, "unknown/steps/a/output")).toEqual([404, "execution_not_found"]);
  expect(await codeFor(account, `${executionId}/steps/z/output`)).toEqual([404, "step_not_found"]);
  expect(await codeFor(account, `${executionId}/steps/a/output`)).toEqual([404, "output_not_found"]);
});

test("a prompt made of too much output fails its step, and so does reading more than a Worker holds", async () => {
  answerAsOpenAi(() => ({ text: "x".repeat(2_500_000) }));
  const joined = await run(["a>c", "b>c"]);
  const two = await getExecution(joined.ctx, joined.engine, joined.executionId);
  expect(two.error).toMatchObject({ code: "prompt_too_large", nodeId: "c" });
  const gathered = await run(["a>e", "b>e", "c>e", "d>e"]);
  const four = await getExecution(gathered.ctx, gathered.engine, gathered.executionId);
  expect(four.error).toMatchObject({ code: "outputs_too_large", nodeId: "e" });
});

test("a retry carries no outputs through the Worker that its conditions do not look at", async () => {
  let broken = true;
  answerAsOpenAi(({ system }) => {
    if (system === "You are z.") return broken ? { status: 400 } : { text: "done" };
    return { text: (system === "You are a." ? "x" : "y").repeat(system === "You are a." ? 400_000 : 80_000) };
  });
  const { engine, executionId } = await run(["a>b", "b>z", ...Array.from({ length: 6 }, (_, index) => `a>c${index}`)]);
  broken = false;
  const bound: number[] = [];
  const recording = new Proxy(env.DB, {
    get(target, property) {
      if (property !== "prepare") return Reflect.get(target, property).bind(target);
      return (sql: string) => {
        const statement = target.prepare(sql);
        const bind = statement.bind.bind(statement);
        statement.bind = (...values: unknown[]) => {
          bound.push(...values.map((value) => (typeof value === "string" ? value.length : 0)));
          return bind(...values);
        };
        return statement;
      };
    },
  });
  const read = [vi.spyOn(engine.outputs, "get"), vi.spyOn(engine.outputs, "getRange")];
  const db = openDb(recording);
  const retried = await retryExecution({ ...ctxWith(account, engine), db }, { ...engine, db }, { executionId });
  for (const each of read) expect(each).not.toHaveBeenCalled();
  // D1 binds two megabytes at most.
  expect(Math.max(...bound)).toBeLessThan(20_000);
  expect(retried.reusedSteps).toBe(8);
  await engine.drain();
  const execution = await getExecution(ctxWith(account, engine), engine, retried.executionId);
  expect(execution.steps.map((step) => step.output?.length)).toEqual([400_000, ...Array(7).fill(80_000), 4]);
});
