import {
  createExecutionContext,
  evictDurableObject,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import worker from "../../src/index.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ended, settled } from "../worker/executions.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import {
  call,
  callsOf,
  callWith,
  echo,
  recorded,
  type Webhook,
  webhooking,
  withBatches,
  withGate,
} from "../worker/webhooks.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});
const { webhook, countOf } = webhooking(() => account);

/** The database with its batches in a test's hands, which cannot be asked anything while it is `down`. */
function withDatabaseDown(around: (run: () => unknown) => unknown, down: () => boolean): D1Database {
  return new Proxy(withBatches(env.DB, around), {
    get(target, property) {
      if (property === "prepare" && down()) throw new Error("the database cannot be reached");
      return Reflect.get(target, property);
    },
  });
}

describe("faults between gate and batch", () => {
  const failOnce = (run: () => unknown, nth: number) => {
    if (nth === 1) throw new Error("a fault of ours");
    return run();
  };

  const sent = (hook: Webhook, headers: Record<string, string>, DB: D1Database) => {
    const request = new Request(hook.webhookUrl, { method: "POST", headers });
    const context = createExecutionContext();
    return { answer: worker.fetch(request, { ...env, DB }, context), over: () => waitOnExecutionContext(context) };
  };

  /** As long after as a reservation lasts. */
  const runOut = (webhookId: string) =>
    runInDurableObject(env.WEBHOOK_GATE.getByName(webhookId), (_, state) => {
      state.storage.sql.exec("UPDATE slots SET at = at - 30000 WHERE confirmed = 0");
    }).then(() => evictDurableObject(env.WEBHOOK_GATE.getByName(webhookId)));

  /** What this isolate has gathered is written by then, and the next to gather something writes it itself. */
  const quiet = () => new Promise((resolve) => setTimeout(resolve, 1_200));

  test("the reservation is given back: the delivery may come again, and counts once", async () => {
    echo();
    const hook = await webhook({ rateLimit: { limit: 1 } });
    const headers = { "webhook-id": "try-again" };
    const first = sent(hook, headers, withBatches(env.DB, failOnce));
    const answer = await first.answer;
    await first.over();
    expect([answer.status, await answer.json()]).toMatchObject([500, { success: false }]);
    expect((await recorded(account, hook.id, 1))[0]).toMatchObject({
      outcome: "failed",
      status: 500,
      replayable: true,
    });
    expect(await countOf(hook.workflowId)).toBe(0);
    expect((await call(hook, { headers })).status).toBe(202);
    expect((await call(hook)).status).toBe(429);
  });

  test("a batch that took effect before its fault has started the execution, and its place in the limit is taken", async () => {
    echo();
    const hook = await webhook({ rateLimit: { limit: 1 } });
    const DB = withBatches(env.DB, async (run, nth) => {
      const result = await run();
      if (nth === 1) throw new Error("D1_ERROR: internal error; reference = x");
      return result;
    });
    const first = await callWith(hook, { DB });
    expect(first.status).toBe(202);
    expect((await call(hook)).status).toBe(429);
    expect(await countOf(hook.workflowId)).toBe(1);
    const calls = await recorded(account, hook.id, 2);
    expect(calls.at(-1)).toMatchObject({ outcome: "started", executionId: first.body.executionId });
  });

  test("a batch of which nothing can be learned keeps its place until it can, and then by what is written", async () => {
    echo();
    const hook = await webhook({ rateLimit: { limit: 1 } });
    let down = false;
    const DB = withDatabaseDown(
      async (run) => {
        await run();
        down = true;
        throw new Error("D1_ERROR: internal error; reference = x");
      },
      () => down,
    );
    const first = await callWith(hook, { DB });
    expect(first.status).toBe(500);
    expect((await call(hook)).status).toBe(429);
    const [doubtful] = (await recorded(account, hook.id, 2)).filter(({ outcome }) => outcome === "failed");
    expect(doubtful?.detail).toContain("not known");
    expect((await account.send("POST", `/api/executions/${doubtful?.executionId}/cancel`)).status).toBe(202);
    // As after thirty seconds.
    await runOut(hook.id);
    expect((await call(hook)).status).toBe(429);
    expect(await countOf(hook.workflowId)).toBe(1);
  });

  test("a reservation that ran out with nothing written gives its place back", async () => {
    echo();
    const hook = await webhook({ rateLimit: { limit: 1 } });
    const gate = env.WEBHOOK_GATE.getByName(hook.id);
    await gate.reserve({
      executionId: "lost",
      deliveryId: null,
      limit: 1,
      windowSeconds: 3_600,
      now: Date.now(),
      waitMs: 0,
    });
    expect((await call(hook)).status).toBe(429);
    await runOut(hook.id);
    expect((await call(hook)).status).toBe(202);
    expect((await call(hook)).status).toBe(429);
  });

  test.each(["Network connection lost.", "Durable Object reset because its code was updated."])(
    "a gate that was told nothing because of %j answers a repeat with the first execution",
    async (fault) => {
      echo();
      const hook = await webhook({ rateLimit: { limit: 1 } });
      const headers = { "webhook-id": "c1" };
      await quiet();
      const never = withGate("settle", () => {
        throw new Error(fault);
      });
      const first = await callWith(hook, { WEBHOOK_GATE: never }, headers);
      const startedAt = Date.now();
      const again = await call(hook, { headers });
      expect([again.status, again.body.executionId, again.body.duplicate]).toEqual([200, first.body.executionId, true]);
      expect(Date.now() - startedAt).toBeLessThan(2_000);
      expect((await call(hook)).status).toBe(429);
    },
  );

  test("what is to be told to a gate is told again after a passing fault", async () => {
    echo();
    const hook = await webhook();
    await quiet();
    const lost = withGate("settle", (run, nth) => {
      if (nth < 3) throw new Error("Network connection lost.");
      return run();
    });
    expect((await callWith(hook, { WEBHOOK_GATE: lost })).status).toBe(202);
    expect((await callsOf(account, hook.id)).items).toMatchObject([{ outcome: "started" }]);
  });

  test("a gate that is replaced under a call is asked again, and one that is overloaded is not", async () => {
    echo();
    const hook = await webhook({ rateLimit: { limit: 1 } });
    const reset = withGate("reserve", async (run, nth) => {
      const result = await run();
      if (nth === 1) throw new Error("Durable Object reset because its code was updated.");
      return result;
    });
    expect((await callWith(hook, { WEBHOOK_GATE: reset })).status).toBe(202);
    expect((await call(hook)).status).toBe(429);
    let asked = 0;
    const overloaded = withGate("reserve", (_, nth) => {
      asked = nth;
      throw Object.assign(new Error("Too much"), { overloaded: true, retryable: true });
    });
    const answer = await callWith(hook, { WEBHOOK_GATE: overloaded });
    expect([answer.status, answer.body.error.code, answer.headers.get("Retry-After"), asked]).toEqual([
      503,
      "overloaded",
      "2",
      1,
    ]);
    expect((await recorded(account, hook.id, 3)).at(0)).toMatchObject({ outcome: "failed", status: 503 });
  });

  test("a database with too much to do is a 503, for the caller and in what the owner sees", async () => {
    echo();
    const hook = await webhook();
    const DB = withBatches(env.DB, () => {
      throw new Error("D1_ERROR: D1 DB is overloaded. Requests queued for too long.");
    });
    const answer = await callWith(hook, { DB });
    expect([answer.status, answer.body.error.code]).toEqual([503, "overloaded"]);
    expect((await recorded(account, hook.id, 1))[0]).toMatchObject({ status: 503, failedCheck: "overloaded" });
    // Nothing was written, so that nothing counts.
    expect((await call(hook)).headers.get("RateLimit-Remaining")).toBe("99");
  });

  test("a delivery that is known is answered whatever the workflow has become, and a refused one counts for nothing", async () => {
    echo();
    const hook = await webhook({ rateLimit: { limit: 2 } });
    const headers = { "webhook-id": "before the change" };
    const first = await call(hook, { headers });
    const draft = (await account.send<{ settings: object }>("GET", `/api/workflows/${hook.workflowId}`)).body;
    const inputSchema = { type: "object", required: ["n"] };
    await account.send("PUT", `/api/workflows/${hook.workflowId}`, { ...draft, settings: { inputSchema } });
    const again = await call(hook, { headers });
    expect([again.status, again.body.executionId]).toEqual([200, first.body.executionId]);
    expect((await call(hook)).status).toBe(422);
    expect((await call(hook, { body: { n: 1 } })).status).toBe(202);
    expect((await call(hook, { body: {} })).status).toBe(429);
  });

  test("a passing fault that hit behind the effect starts no second execution", async () => {
    echo();
    const hook = await webhook();
    let batches = 0;
    const DB = withBatches(env.DB, async (run, nth) => {
      batches = nth;
      const result = await run();
      if (nth === 1) throw new Error("Network connection lost.");
      return result;
    });
    const { answer, over } = sent(hook, { "webhook-id": "twice" }, DB);
    expect((await answer).status).toBe(202);
    await over();
    expect(batches).toBe(2);
    expect(await countOf(hook.workflowId)).toBe(1);
  });

  test("a draft that is saved meanwhile is run as it is then", async () => {
    const prompts = answerAsOpenAi(() => ({ text: "ok" }));
    const hook = await webhook();
    await ended(account, (await call(hook)).body.executionId);
    const DB = withBatches(env.DB, async (run, nth) => {
      if (nth > 1) return run();
      // As a save would: the version that was read holds something else by now.
      await env.DB.prepare("UPDATE versions SET content_hash = 'changed' WHERE workflow_id = ?")
        .bind(hook.workflowId)
        .run();
      return run();
    });
    const { answer, over } = sent(hook, {}, DB);
    expect((await answer).status).toBe(202);
    await over();
    await settled();
    expect(prompts.length).toBe(2);
  });
});
