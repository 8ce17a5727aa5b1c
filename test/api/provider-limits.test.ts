import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BreakerKey, CallOutcome } from "../../src/providers/index.ts";
import { outcomes, startMany, world } from "../worker/storm.ts";
import { createWorkflow } from "../worker/workflows.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const OPENAI = { provider: "openai", model: "gpt-4.1-mini" };
const ANTHROPIC = { provider: "anthropic", model: "claude-haiku-4-5" };
const ALONE = { a: { ...OPENAI, fallback: { enabled: false } } };
const success: CallOutcome = {
  ...{ result: "success", errorKind: null, latencyMs: 1, model: "gpt-4.1-mini", retryAfterMs: null },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("sixty executions whose provider takes one call a second all succeed, and it is never closed off", async () => {
  let freeAt = 0;
  const it = await world((_provider, now) => {
    if (now < freeAt) return { fails: "rate_limit", retryAfterMs: SECOND };
    freeAt = now + SECOND;
    return null;
  });
  const beganAt = Date.now();
  await startMany(it.account, it.engine, await createWorkflow(it.account, ["a>"], { agents: ALONE }), 60);
  await it.letPass(beganAt + 6 * MINUTE);
  expect(await outcomes(it.account)).toEqual([{ status: "succeeded", provider: "openai", n: 60 }]);
  const refused = it.calls.filter(({ failed }) => failed).length;
  expect(refused).toBeLessThan(4 * 60);
}, 60_000);

test("a provider that hangs for its agent's whole time is closed off, though that is short", async () => {
  const it = await world((provider) => (provider === "openai" ? { fails: "timeout" } : null));
  const agents = { a: { ...OPENAI, fallback: { attemptTimeoutMs: 20 * SECOND, targets: [ANTHROPIC] } } };
  await startMany(it.account, it.engine, await createWorkflow(it.account, ["a>"], { agents }), 60);
  await it.letPass(Date.now());
  expect(await outcomes(it.account)).toEqual([{ status: "succeeded", provider: "anthropic", n: 60 }]);
  expect(it.calls.filter(({ provider }) => provider === "openai").length).toBeLessThan(20);
  const { workspaceId } = it.account;
  const health = await it.engine.breakers.health({ workspaceId, provider: "openai", credential: "environment" });
  expect(health).toMatchObject({ state: "open", lastError: "timeout" });
}, 60_000);

test("forty executions wait for a probe that takes two minutes with few deliveries and lines, and all succeed", async () => {
  const it = await world(() => null);
  const { breakers } = it.engine;
  const { workspaceId } = it.account;
  const key: BreakerKey = { workspaceId, provider: "openai", credential: "environment" };
  const permitted = async () => {
    const permit = await breakers.permit(key, 10 * MINUTE);
    if (!permit.allowed) throw new Error(`not permitted: ${permit.reason}`);
    return permit;
  };
  for (let n = 0; n < 5; n += 1) {
    await breakers.report(key, await permitted(), { ...success, result: "failure", errorKind: "server" });
  }
  vi.setSystemTime(Date.now() + MINUTE);
  const probe = await permitted();
  expect(probe.probe).toBe(true);

  const beganAt = Date.now();
  await startMany(it.account, it.engine, await createWorkflow(it.account, ["a>"], { agents: ALONE }), 40);
  await it.letPass(beganAt + 125 * SECOND);
  expect(it.calls).toEqual([]);
  expect(it.delivered()).toBeLessThan(8 * 40);
  await breakers.report(key, probe, success);
  await it.letPass(beganAt + 5 * MINUTE);
  expect(await outcomes(it.account)).toEqual([{ status: "succeeded", provider: "openai", n: 40 }]);
  const lines = await env.DB.prepare("SELECT count(*) AS n FROM logs WHERE workspace_id = ? AND level = 'warn'")
    .bind(workspaceId)
    .first<{ n: number }>();
  expect(lines?.n).toBeLessThanOrEqual(3 * 40);
}, 60_000);
