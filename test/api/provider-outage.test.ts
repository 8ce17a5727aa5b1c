import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ErrorKind } from "../../src/providers/index.ts";
import { AT_ONCE, outcomes, startMany, world } from "../worker/storm.ts";
import { createWorkflow } from "../worker/workflows.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const EXECUTIONS = 200;
const MOST_CALLS = 40;

// The breakers' objects share this isolate's Date: engine, objects and queue all go by it. Timers go on.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Starts executions, a first burst and the others evenly over the minute after it. */
async function storm(
  { account, engine, letPass }: Awaited<ReturnType<typeof world>>,
  workflowId: string,
): Promise<void> {
  const beganAt = Date.now();
  const later = EXECUTIONS - AT_ONCE;
  await startMany(account, engine, workflowId, AT_ONCE);
  for (let begun = 0; begun < later; begun += 4) {
    await letPass(beganAt + (begun / later) * MINUTE);
    await startMany(account, engine, workflowId, 4);
  }
}

const OPENAI = { provider: "openai", model: "gpt-4.1-mini" };

describe("200 executions while their provider fails", () => {
  test.each([
    ["with 503", () => ({ fails: "overloaded" })],
    ["with 503 and 429 in turn", (n) => (n % 2 === 0 ? { fails: "overloaded" } : { fails: "rate_limit" })],
    ["with 429 and a Retry-After of 20 seconds", () => ({ fails: "rate_limit", retryAfterMs: 20 * SECOND })],
  ] satisfies [string, (n: number) => { fails: ErrorKind; retryAfterMs?: number }][])(
    "for a minute, %s, all succeed although they have no other, and it is left alone meanwhile",
    async (_, fail) => {
      let failed = 0;
      const until = Date.now() + MINUTE;
      const it = await world((_provider, now) => {
        if (now >= until) return null;
        failed += 1;
        return fail(failed);
      });
      const agents = { a: { ...OPENAI, fallback: { enabled: false } } };
      await storm(it, await createWorkflow(it.account, ["a>"], { agents }));
      await it.letPass(until + 5 * MINUTE);
      expect(await outcomes(it.account)).toEqual([{ status: "succeeded", provider: "openai", n: EXECUTIONS }]);
      expect(failed).toBeLessThan(MOST_CALLS);
    },
    60_000,
  );

  test("for four minutes, all are answered by the next target, half-open after half-open", async () => {
    const beganAt = Date.now();
    const it = await world((provider, now) =>
      provider === "openai" && now < beganAt + 4 * MINUTE ? { fails: "server" } : null,
    );
    const agents = { a: { ...OPENAI, fallback: { targets: [{ provider: "anthropic", model: "claude-haiku-4-5" }] } } };
    const workflowId = await createWorkflow(it.account, ["a>"], { agents });
    await storm(it, workflowId);
    for (let minute = 1; minute <= 8; minute += 1) {
      await it.letPass(beganAt + minute * MINUTE + SECOND);
      await startMany(it.account, it.engine, workflowId, 10);
      await it.letPass(Date.now());
    }
    const failed = it.calls.filter((call) => call.failed);
    expect(failed.length).toBeLessThan(MOST_CALLS);
    // The probes at one and at three minutes: each met by ten callers, made by one.
    const probes = failed.map(({ at }) => Math.floor((at - beganAt) / MINUTE)).filter((minute) => minute > 0);
    expect(probes).toEqual([1, 3]);
    // The probe at seven minutes closes the breaker, and the last ten are answered by their own model again.
    expect(await outcomes(it.account)).toEqual([
      { status: "succeeded", provider: "anthropic", n: expect.any(Number) },
      { status: "succeeded", provider: "openai", n: expect.any(Number) },
    ]);
    expect(it.calls.slice(-10).every(({ provider }) => provider === "openai")).toBe(true);
  }, 60_000);
});
