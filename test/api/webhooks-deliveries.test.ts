import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { metered } from "../../src/db/metered.ts";
import worker from "../../src/index.ts";
import { type Account, ORIGIN, signUp } from "../worker/accounts.ts";
import { ended, settled } from "../worker/executions.ts";
import { watch } from "../worker/live.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { call, callsOf, createWebhook, echo, recorded, webhooking } from "../worker/webhooks.ts";
import { createWorkflow, definitionOf } from "../worker/workflows.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});
const { webhook, countOf } = webhooking(() => account);

describe("deliveries", () => {
  test.each(["webhook-id", "X-GitHub-Delivery", "Idempotency-Key"])(
    "a repeated %s is answered with the first execution",
    async (name) => {
      echo();
      const hook = await webhook();
      const headers = { [name]: "delivery-1" };
      const first = await call(hook, { headers });
      const second = await call(hook, { headers, body: { another: "body" } });
      expect([second.status, second.body]).toEqual([
        200,
        { success: true, executionId: first.body.executionId, duplicate: true },
      ]);
      expect(await countOf(hook.workflowId)).toBe(1);
      expect((await recorded(account, hook.id, 2))[0]).toMatchObject({ outcome: "duplicate", status: 200 });
    },
  );

  test("fifty copies at once start one execution, and all are told which", async () => {
    echo();
    const hook = await webhook();
    const headers = { "webhook-id": "all-at-once" };
    const answers = await Promise.all(Array.from({ length: 50 }, () => call(hook, { headers })));
    expect(new Set(answers.map(({ body }) => body.executionId)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 202).length).toBe(1);
    expect(answers.filter(({ status, body }) => status === 200 && body.duplicate).length).toBe(49);
    expect(await countOf(hook.workflowId)).toBe(1);
  });

  test("the gate may forget a delivery: its row in the database still knows it", async () => {
    echo();
    const hook = await webhook();
    const headers = { "webhook-id": "remembered" };
    const first = await call(hook, { headers });
    await recorded(account, hook.id, 1);
    await env.WEBHOOK_GATE.getByName(hook.id).clear();
    const second = await call(hook, { headers });
    expect([second.status, second.body]).toEqual([
      200,
      { success: true, executionId: first.body.executionId, duplicate: true },
    ]);
    expect(await countOf(hook.workflowId)).toBe(1);
    // What the gate had reserved for it is given back.
    const third = await call(hook, { headers: { "webhook-id": "new" } });
    expect(third.headers.get("RateLimit-Remaining")).toBe("99");
  });

  test("a delivery is known for a day and no longer, and one of another webhook is another", async () => {
    echo();
    const hook = await webhook();
    const other = await createWebhook(account, hook.workflowId);
    const headers = { "webhook-id": "once-a-day" };
    const first = await call(hook, { headers });
    expect((await call(other, { headers })).status).toBe(202);
    await recorded(account, hook.id, 1);
    await env.WEBHOOK_GATE.getByName(hook.id).clear();
    await env.DB.prepare("UPDATE webhook_deliveries SET created_at = created_at - 86400000 WHERE webhook_id = ?")
      .bind(hook.id)
      .run();
    const next = await call(hook, { headers });
    expect(next.status).toBe(202);
    expect(next.body.executionId).not.toBe(first.body.executionId);
  });
});

test("a warm call asks the database twice: once to read, and once to write", async () => {
  echo();
  const hook = await webhook();
  await ended(account, (await call(hook)).body.executionId);
  const usage = { roundTrips: 0, queries: 0, rowsRead: 0, rowsWritten: 0 };
  const context = createExecutionContext();
  const request = new Request(hook.webhookUrl, { method: "POST", headers: { "webhook-id": "warm" }, body: "{}" });
  const answer = await worker.fetch(request, { ...env, DB: metered(env.DB, usage) }, context);
  await waitOnExecutionContext(context);
  expect([answer.status, usage.roundTrips]).toEqual([202, 2]);
  expect(usage.rowsRead).toBeLessThan(40);
});

describe("wait", () => {
  test("answers with the result when it is ready in time", async () => {
    answerAsOpenAi(() => ({ text: "the result" }));
    const hook = await webhook();
    const answer = await call(hook, { query: "?wait=10" });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { success: true, status: "succeeded", output: "the result", executionId: expect.any(String) },
    ]);
    expect((await recorded(account, hook.id, 1))[0]).toMatchObject({ outcome: "started", status: 200 });
  });

  test("says that the execution failed, and nothing of why", async () => {
    answerAsOpenAi(() => ({ status: 401 }));
    const hook = await webhook({}, { stepRetries: 0 });
    const answer = await call(hook, { query: "?wait=10" });
    expect([answer.status, answer.body]).toMatchObject([200, { success: false, status: "failed", output: null }]);
    expect(answer.body.error).toEqual({ code: "execution_failed" });
  });

  test("is over after so many seconds, and the answer is 202", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    answerAsOpenAi(async () => {
      await promise;
      return { text: "late" };
    });
    const hook = await webhook();
    const answer = await call(hook, { query: "?wait=1" });
    resolve();
    expect([answer.status, answer.body]).toEqual([202, { success: true, executionId: expect.any(String) }]);
  });

  test("of a repeated delivery waits for the first one's result", async () => {
    answerAsOpenAi(() => ({ text: "one for both" }));
    const hook = await webhook();
    const headers = { "webhook-id": "waiting" };
    const [first, second] = await Promise.all([
      call(hook, { headers, query: "?wait=10" }),
      call(hook, { headers, query: "?wait=10" }),
    ]);
    expect([first.body.output, second.body.output]).toEqual(["one for both", "one for both"]);
    expect([first.body.duplicate, second.body.duplicate].filter(Boolean)).toEqual([true]);
  });
});

describe("versions", () => {
  const commit = (id: string, tag?: string) =>
    account.send<{ id: string; version: number }>("POST", `/api/workflows/${id}/versions`, {
      commitMessage: "A commit",
      ...(tag === undefined ? {} : { tag }),
    });

  test("a pinned version runs whatever the draft says; without one the draft runs, committed first", async () => {
    const prompts = answerAsOpenAi(() => ({ text: "ok" }));
    const id = await createWorkflow(account, ["a"], { agents: { a: { prompt: "old" } } });
    const first = await commit(id, "live");
    const hooks = [
      await createWebhook(account, id, { version: "live" }),
      await createWebhook(account, id, { version: 1 }),
      await createWebhook(account, id, { version: first.body.id }),
    ];
    expect(hooks.map(({ version }) => version)).toEqual(["live", 1, first.body.id]);
    const unpinned = await createWebhook(account, id);
    await account.send("PUT", `/api/workflows/${id}`, definitionOf(["a"], { agents: { a: { prompt: "new" } } }));
    for (const hook of [...hooks, unpinned]) {
      await ended(account, (await call(hook)).body.executionId);
    }
    expect(prompts.map(({ prompt }) => prompt)).toEqual(["old", "old", "old", "new"]);
  });

  test("a tag that is gone is the owner's matter, and the caller learns no more", async () => {
    const id = await createWorkflow(account, ["a"]);
    const { body } = await commit(id, "live");
    const hook = await createWebhook(account, id, { version: "live" });
    await account.send("PUT", `/api/versions/${body.id}/tag`, { remove: "live" });
    const answer = await call(hook);
    expect([answer.status, answer.body.error.code]).toEqual([422, "workflow_invalid"]);
    expect((await recorded(account, hook.id, 1))[0]).toMatchObject({ failedCheck: "version" });
  });

  test("a pinned automatic version is not amended by the next save", async () => {
    const id = await createWorkflow(account, ["a"], { agents: { a: { prompt: "one" } } });
    const save = (prompt: string) =>
      account.send("PUT", `/api/workflows/${id}`, definitionOf(["a"], { agents: { a: { prompt } } }));
    await save("two");
    const list = async () =>
      (await account.send<{ items: { id: string; contentHash: string }[] }>("GET", `/api/workflows/${id}/versions`))
        .body.items;
    const [pinned] = await list();
    await createWebhook(account, id, { version: pinned?.id });
    await save("three");
    const after = await list();
    expect(after.length).toBe(2);
    expect(after.at(-1)).toMatchObject({ id: pinned?.id, contentHash: pinned?.contentHash });
  });

  test("the version that a call runs for the first time is not amended by the next save either", async () => {
    echo();
    const id = await createWorkflow(account, ["a"], { agents: { a: { prompt: "one" } } });
    const save = (prompt: string) =>
      account.send("PUT", `/api/workflows/${id}`, definitionOf(["a"], { agents: { a: { prompt } } }));
    await save("two");
    const hook = await createWebhook(account, id);
    for (const _ of [1, 2]) expect((await call(hook)).status).toBe(202);
    await save("three");
    const { items } = (await account.send<{ items: unknown[] }>("GET", `/api/workflows/${id}/versions`)).body;
    expect(items.length).toBe(2);
  });
});

describe("what owners see", () => {
  test("calls with a wrong secret as a count, and the last ten of each kind of the others", async () => {
    echo();
    const hook = await webhook();
    for (let i = 0; i < 3; i += 1) await call({ ...hook, secretKey: `wrong-${i}` }, { ip: "203.0.113.9" });
    for (let i = 0; i < 12; i += 1) await call(hook, { body: "{" });
    await call(hook);
    await vi.waitFor(
      async () => {
        const { wrongSecrets } = await callsOf(account, hook.id);
        expect(wrongSecrets).toEqual({ count: 3, lastAt: expect.any(String) });
      },
      { timeout: 4_000, interval: 50 },
    );
    const items = await recorded(account, hook.id, 11);
    expect(items.filter(({ outcome }) => outcome === "refused").length).toBe(10);
    expect(items.filter(({ outcome }) => outcome === "started").length).toBe(1);
  });

  test("each call live, admitted or not", async () => {
    echo();
    const hook = await webhook();
    const watcher = await watch(account);
    const started = await call(hook, { body: { secret: "never shown" } });
    await call(hook, { body: "{" });
    await vi.waitFor(
      () => {
        const events = watcher.events.filter(({ type }) => type === "webhook");
        expect(events).toEqual([
          {
            type: "webhook",
            webhookId: hook.id,
            workflowId: hook.workflowId,
            executionId: started.body.executionId,
            outcome: "started",
            at: expect.any(String),
          },
          {
            type: "webhook",
            webhookId: hook.id,
            workflowId: hook.workflowId,
            executionId: null,
            outcome: "refused",
            at: expect.any(String),
          },
        ]);
      },
      { timeout: 4_000, interval: 20 },
    );
    expect(watcher.texts.join()).not.toContain("never shown");
    watcher.socket.close();
  });

  test("a line in the log, without the secret of the address, even when something fails", async () => {
    const lines: string[] = [];
    for (const level of ["debug", "info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((...args) => void lines.push(args.join(" ")));
    }
    echo();
    const hook = await webhook();
    await call(hook);
    await call(hook, { body: "{" });
    await call({ ...hook, secretKey: "a-wrong-secret" });
    const unreachable = new Proxy(env.DB, {
      get() {
        throw new Error("a fault of ours");
      },
    });
    const failing = { ...env, DB: unreachable };
    const path = new URL(hook.webhookUrl).pathname;
    const context = createExecutionContext();
    const failed = await worker.fetch(new Request(`${ORIGIN}${path}`, { method: "POST" }), failing, context);
    await waitOnExecutionContext(context);
    expect([failed.status, await failed.json()]).toMatchObject([500, { success: false, error: { code: "internal" } }]);
    await recorded(account, hook.id, 2);
    const text = lines.join("\n");
    expect(text).toContain('"component":"Webhook","message":"refused"');
    expect(text).toContain('"failedCheck":"body"');
    expect(text).toContain("/api/webhooks/trigger/…");
    expect(text).not.toContain(hook.secretKey);
    expect(text).not.toContain("a-wrong-secret");
  });
});

test("an address that sends wrong secrets is slowed down, and a right secret passes all the same", async () => {
  echo();
  const hook = await webhook();
  const late = await webhook();
  const ip = "2001:db8:1:2::1";
  expect((await call(hook, { ip })).status).toBe(202);
  const guesses = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        call({ ...hook, secretKey: crypto.randomUUID() }, { ip: `2001:db8:1:2::${i + 2}` }),
      ),
    );
  let slowed: Awaited<ReturnType<typeof call>> | undefined;
  // An isolate lets five more a second through, and how many that are is the machine's business.
  for (let round = 0; round < 10 && slowed === undefined; round += 1) {
    slowed = (await guesses(80)).find(({ status }) => status === 429);
  }
  expect(slowed?.body).toMatchObject({ success: false, error: { code: "rate_limited" } });
  const told = ["Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"];
  expect(told.map((name) => slowed?.headers.get(name))).toEqual(["1", "50", "0", "1"]);
  expect((await call(hook, { ip })).status).toBe(202);
  expect((await call(hook, { ip: "2001:db8:1:3::1" })).status).toBe(202);
  // One that was not seen here before waits a moment at most.
  await vi.waitFor(async () => expect((await call(late, { ip })).status).toBe(202), { timeout: 3_000, interval: 250 });
});
