import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { openGates, rotateSecrets, tidyWebhooks } from "../../src/webhooks/index.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { testClock, testEngine } from "../worker/engine.ts";
import { settled } from "../worker/executions.ts";
import { call, echo, listed, type Webhook, webhooking, withBatches } from "../worker/webhooks.ts";

let account: Account;
beforeAll(async () => {
  account = await signUp();
});
afterEach(async () => {
  await settled();
  vi.restoreAllMocks();
});
const { webhook, change } = webhooking(() => account);

const DAY_MS = 86_400_000;
const settings = { ENCRYPTION_KEY: env.ENCRYPTION_KEY };
const regenerate = (id: string, body?: object) => account.send<Webhook>("POST", `/api/webhooks/${id}/regenerate`, body);

describe("a secret", () => {
  const rotationsOf = async (webhookId: string) => {
    const path = "/api/events?type=secret_rotated";
    const { items } = (await account.send<{ items: { data: { webhookId: string } }[] }>("GET", path)).body;
    return items.filter(({ data }) => data.webhookId === webhookId).length;
  };

  test("that was regenerated ends the old one at once, or after its grace", async () => {
    echo();
    const first = await webhook();
    const second = (await regenerate(first.id)).body;
    expect(second.secretKey).not.toBe(first.secretKey);
    expect([(await call(first)).status, (await call(second)).status]).toEqual([404, 202]);
    const third = (await regenerate(first.id, { graceSeconds: 60 })).body;
    expect(Date.parse(third.previousSecretValidUntil ?? "") - Date.now()).toBeGreaterThan(50_000);
    expect([(await call(second)).status, (await call(third)).status]).toEqual([202, 202]);
    await env.DB.prepare("UPDATE webhooks SET previous_valid_until = ? WHERE id = ?").bind(Date.now(), first.id).run();
    expect([(await call(second)).status, (await call(third)).status]).toEqual([404, 202]);
    expect((await regenerate(first.id, { graceSeconds: -1 })).status).toBe(422);
  });

  test("of two regenerated at once, the last one and the one before it open the webhook", async () => {
    echo();
    const hook = await webhook();
    const answers = await Promise.all([1, 2].map(() => regenerate(hook.id, { graceSeconds: 60 })));
    const statuses = await Promise.all(answers.map(async ({ body }) => (await call(body)).status));
    expect(statuses).toEqual([202, 202]);
  });

  test("is rotated once when its days are over, with a grace and an event", async () => {
    echo();
    const hook = await webhook({ rotateAfterDays: 30 });
    const idle = await webhook({ rotateAfterDays: 60 });
    const clock = testClock();
    const engine = testEngine({}, clock);
    await rotateSecrets(engine, settings);
    expect((await call(hook)).status).toBe(202);
    clock.advance(30 * DAY_MS + 1_000);
    // Two crons at once.
    await Promise.all([rotateSecrets(engine, settings), rotateSecrets(testEngine({}, clock), settings)]);
    await rotateSecrets(engine, settings);
    const [rotated] = await listed(account, hook.workflowId);
    expect(rotated?.secretKey).not.toBe(hook.secretKey);
    expect(rotated).toMatchObject({
      previousSecretValidUntil: new Date(clock.now() + 7 * DAY_MS).toISOString(),
      rotatesAt: new Date(clock.now() + 30 * DAY_MS).toISOString(),
    });
    expect([(await call(hook)).status, (await call(rotated ?? hook)).status]).toEqual([202, 202]);
    expect((await listed(account, idle.workflowId))[0]?.secretKey).toBe(idle.secretKey);
    const events = await account.send<{ items: object[] }>("GET", "/api/events?type=secret_rotated");
    expect(events.body.items).toMatchObject([{ data: { webhookId: hook.id, workflowId: hook.workflowId } }]);
    expect(JSON.stringify(events.body)).not.toContain(rotated?.secretKey);
  });

  test("that is taken off its rotation while the cron is at it stays, and nobody is told of another", async () => {
    const hook = await webhook({ rotateAfterDays: 1 });
    const clock = testClock(Date.now() + 2 * DAY_MS);
    const engine = testEngine({}, clock);
    let taken = false;
    const d1 = withBatches(env.DB, async (run) => {
      if (!taken) await change(hook.id, { rotateAfterDays: null });
      taken = true;
      return run();
    });
    const before = await rotationsOf(hook.id);
    await rotateSecrets({ ...engine, db: { ...engine.db, d1 } }, settings);
    expect([taken, (await listed(account, hook.workflowId))[0]?.secretKey]).toEqual([true, hook.secretKey]);
    expect([before, await rotationsOf(hook.id)]).toEqual([0, 0]);
  });

  test("of before is forgotten once its grace is over", async () => {
    const hook = await webhook();
    await regenerate(hook.id, { graceSeconds: 60 });
    const previous = () =>
      env.DB.prepare("SELECT previous_hash AS h FROM webhooks WHERE id = ?").bind(hook.id).first("h");
    const clock = testClock();
    await tidyWebhooks(testEngine({}, clock), openGates(env.WEBHOOK_GATE));
    expect(await previous()).not.toBeNull();
    clock.advance(61_000);
    await tidyWebhooks(testEngine({}, clock), openGates(env.WEBHOOK_GATE));
    expect(await previous()).toBeNull();
  });

  test("that cannot be decrypted any more still opens its webhook, and can be replaced", async () => {
    echo();
    const hook = await webhook();
    await env.DB.prepare("UPDATE webhooks SET secret = 'AQID' WHERE id = ?").bind(hook.id).run();
    expect((await listed(account, hook.workflowId))[0]).toMatchObject({ secretKey: null, webhookUrl: null });
    expect((await call(hook)).status).toBe(202);
    expect((await regenerate(hook.id)).body.secretKey).toEqual(expect.any(String));
  });
});
