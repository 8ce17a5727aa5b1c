import { describe, expect, test } from "vitest";
import type { Permit } from "../../../src/providers/breakers.ts";
import { hopsOf } from "../../../src/providers/rules/hops.ts";
import { closedOff, go, policy, target, three, USAGE, world } from "../../support/chain-world.ts";

describe("the chain", () => {
  test("the first that answers ends it", async () => {
    const it = world({ a: [{ text: "yes" }] });
    const result = await go(it, three);
    expect(result).toMatchObject({ ok: true, completion: { text: "yes" }, target: { model: "a" } });
    expect(it.called()).toEqual(["openai a"]);
  });

  test("a caller's own mistake goes to the next target once, and counts against no breaker", async () => {
    const it = world({ a: [{ fails: "invalid_request", httpStatus: 400 }], b: [{ text: "yes" }] });
    const result = await go(it, three, { retries: 3 });
    expect(result.ok).toBe(true);
    expect(it.called()).toEqual(["openai a", "anthropic b"]);
    expect(it.reports.map(({ outcome }) => outcome.result)).toEqual(["neutral", "success"]);
  });

  test("each target has its own retries; a hop does not begin the earlier ones again", async () => {
    const it = world({ a: [{ fails: "server" }], b: [{ fails: "server" }], c: [{ text: "yes" }] });
    await go(it, three, { retries: 1 });
    expect(it.called().filter((line) => !line.startsWith("sleep"))).toEqual([
      "openai a",
      "openai a",
      "anthropic b",
      "anthropic b",
      "gemini c",
    ]);
  });

  test("a wrong key leaves its credential at once, with every model behind it", async () => {
    const targets = [target("openai", "a"), target("openai", "a2"), target("anthropic", "b")];
    const it = world({ a: [{ fails: "auth", httpStatus: 401 }], b: [{ text: "yes" }] });
    await go(it, targets);
    expect(it.called()).toEqual(["openai a", "anthropic b"]);
  });

  test("an input that is too long goes to a larger window, and not to a smaller or equal one", async () => {
    const targets = [
      target("openai", "a", { contextWindow: 100 }),
      target("anthropic", "b", { contextWindow: 100 }),
      target("gemini", "c", { contextWindow: 1_000 }),
    ];
    const it = world({ a: [{ fails: "context_length" }], c: [{ text: "yes" }] });
    const result = await go(it, targets);
    expect(result.ok).toBe(true);
    expect(it.called()).toEqual(["openai a", "gemini c"]);
  });

  test("a refusal for its content ends the chain unless its status is listed", async () => {
    const it = world({ a: [{ fails: "content_policy", httpStatus: 400 }], b: [{ text: "yes" }] });
    expect((await go(it, three)).ok).toBe(false);
    expect(it.called()).toEqual(["openai a"]);
    const listed = { ...policy().on, statusCodes: [400] };
    expect((await go(it, three, { on: listed })).ok).toBe(true);
  });

  test("a long Retry-After is not slept: the next target is asked", async () => {
    const it = world({ a: [{ fails: "rate_limit", retryAfterMs: 60_000 }], b: [{ text: "yes" }] });
    await go(it, three, { retries: 2 });
    expect(it.called()).toEqual(["openai a", "anthropic b"]);
  });

  test("one deadline holds for all targets together", async () => {
    const it = world({ a: [{ fails: "server" }], b: [{ fails: "server" }] });
    const result = await go(it, three.slice(0, 2), { retries: 100, deadlineAt: 1_001_000 });
    expect(result.ok).toBe(false);
    // Waits of 250 ms fit four times into a second, whatever the target.
    expect(it.log.filter((line) => line.startsWith("openai"))).toHaveLength(4);
    expect(it.log.filter((line) => line.startsWith("anthropic"))).toHaveLength(1);
  });

  test("when every target fails the last failure is told, with every call that was made", async () => {
    const it = world({ a: [{ fails: "server" }], b: [{ fails: "overloaded" }], c: [{ fails: "auth" }] });
    const result = await go(it, three);
    expect(result).toMatchObject({ ok: false, error: { kind: "auth" } });
    expect(result.calls.map(({ attempt, errorKind }) => [attempt, errorKind])).toEqual([
      [1, "server"],
      [2, "overloaded"],
      [3, "auth"],
    ]);
  });
});

describe("breakers", () => {
  test("an open target is passed over without a call, and the hop says why", async () => {
    const it = world({ b: [{ text: "yes" }] }, { openai: closedOff(2_000_000) });
    const result = await go(it, three);
    expect(it.called()).toEqual(["anthropic b"]);
    expect(hopsOf(three[0], result.calls)).toMatchObject([
      { fromProvider: "openai", toProvider: "anthropic", reason: "breaker_open", success: true },
    ]);
  });

  const allClosedOff = {
    openai: closedOff(3_000_000),
    anthropic: closedOff(2_000_000),
    gemini: { ...closedOff(1_500_000), reason: "cooling_down" } as const,
  };

  test("when all are closed off nobody is called, and the result says who may be asked first and when", async () => {
    const it = world({}, allClosedOff, allClosedOff);
    const result = await go(it, three, { retries: 5 });
    expect(it.called()).toEqual([]);
    expect(result).toMatchObject({ ok: false, calls: [], retryAt: null, untriedAt: 1_500_000 });
    expect(result).toMatchObject({ error: { kind: "rate_limit", message: expect.stringContaining("T00:25:00") } });
    expect(await go(it, three.slice(0, 2))).toMatchObject({ error: { kind: "overloaded" }, untriedAt: 2_000_000 });
  });

  test("a last resort that is lent is called once, under the lease's own generation", async () => {
    const lease: Permit = { allowed: true, generation: 9, probe: true };
    const it = world({ b: [{ fails: "server" }] }, allClosedOff, { anthropic: lease });
    const result = await go(it, three, { retries: 5, attemptTimeoutMs: 600_000 });
    expect(it.called()).toEqual(["anthropic b"]);
    expect(it.reports).toMatchObject([{ provider: "anthropic", generation: 9, outcome: { result: "failure" } }]);
    expect(result).toMatchObject({ ok: false, error: { kind: "server" }, retryAt: 2_000_000, untriedAt: 1_500_000 });
    expect(result.calls[0]?.reason).toContain("last resort");
  });

  test("nobody goes to a last resort while another target can be asked", async () => {
    const lease: Permit = { allowed: true, generation: 9, probe: true };
    const it = world({ b: [{ fails: "server" }] }, { openai: closedOff(2_000_000) }, { openai: lease });
    await go(it, three.slice(0, 2));
    expect(it.called()).toEqual(["anthropic b"]);
  });

  test("who is kept out by a probe comes back in seconds, long before its lease ends", async () => {
    const it = world({}, { openai: { ...closedOff(1_130_000), reason: "probing", lastResortAt: null } });
    expect(await go(it, three.slice(0, 1))).toMatchObject({ untriedAt: 1_005_000, error: { kind: "overloaded" } });
  });
});

describe("when the chain may be run again", () => {
  test("is when the first target comes back that may, whichever failed last", async () => {
    const it = world({ a: [{ fails: "rate_limit", retryAfterMs: 20_000 }], b: [{ fails: "auth" }] });
    const result = await go(it, three.slice(0, 2));
    expect(result).toMatchObject({ ok: false, error: { kind: "auth" }, retryAt: 1_020_000, untriedAt: null });
  });

  test("is never when no failure may pass", async () => {
    const it = world({ a: [{ fails: "auth" }], b: [{ fails: "invalid_request" }] });
    expect(await go(it, three.slice(0, 2))).toMatchObject({ retryAt: null, untriedAt: null });
  });

  test("is when a target that was passed over reopens, although the one that was asked refused for good", async () => {
    const it = world({ b: [{ fails: "auth" }] }, { openai: closedOff(1_060_000) });
    expect(await go(it, three.slice(0, 2))).toMatchObject({ retryAt: null, untriedAt: 1_060_000 });
  });
});

describe("the chain's deadline", () => {
  test("does not hide what the time went for", async () => {
    const it = world({ a: [{ fails: "rate_limit", afterMs: 300_000 }] });
    expect(await go(it, three.slice(0, 2))).toMatchObject({ ok: false, error: { kind: "rate_limit" } });
    expect(it.called()).toEqual(["openai a"]);
  });

  test("cuts a call short without counting that against the provider", async () => {
    const it = world({ a: [{ fails: "timeout" }] });
    await go(it, three.slice(0, 1), { deadlineAt: 1_000_010 });
    expect(it.reports).toMatchObject([{ outcome: { result: "neutral", errorKind: "timeout" } }]);
  });
});

test("every call but the last is written before the next one is made", async () => {
  const it = world({ a: [{ fails: "server" }], b: [{ text: "yes" }] });
  await go(it, three, { retries: 1 });
  expect(it.log).toEqual(["openai a", "sleep 250", "write 1", "openai a", "write 2", "anthropic b"]);
});

describe("a target that cools down after its rate limit", () => {
  /** As the breaker has it: let through once, and again when the time is over. */
  function coolingFor(ms: number) {
    let asked = 0;
    return (now: number): Permit => {
      asked += 1;
      const reopensAt = 1_000_000 + ms;
      if (asked === 1 || now >= reopensAt) return { allowed: true, generation: asked, probe: false };
      return { allowed: false, reopensAt, reason: "cooling_down", lastResortAt: null };
    };
  }

  test("is called again when that is soon, after the longer of the two waits", async () => {
    const it = world(
      { a: [{ fails: "rate_limit", retryAfterMs: 400 }, { text: "yes" }] },
      { openai: coolingFor(1_000) },
    );
    const result = await go(it, three, { retries: 1 });
    expect(it.called()).toEqual(["openai a", "sleep 1000", "openai a"]);
    expect(result.calls.map(({ waitMs }) => waitMs)).toEqual([0, 1_000]);
    expect(it.reports.map(({ generation }) => generation)).toEqual([1, 3]);
  });

  test("is left for the next one when that takes long, without a wait", async () => {
    const it = world({ a: [{ fails: "rate_limit" }], b: [{ text: "yes" }] }, { openai: coolingFor(5_000) });
    await go(it, three, { retries: 1 });
    expect(it.called()).toEqual(["openai a", "anthropic b"]);
  });
});

test("a probe that there is no time left for is given back, so that the next caller gets it", async () => {
  const it = world({}, { openai: { allowed: true, generation: 7, probe: true } });
  expect(await go(it, three, { deadlineAt: 1_000_000 })).toMatchObject({ ok: false, error: { kind: "timeout" } });
  expect(it.reports).toMatchObject([{ provider: "openai", generation: 7, outcome: { result: "neutral" } }]);
});

test("a first target without a key is left for that reason", async () => {
  const it = world({ b: [{ text: "yes" }] });
  const { calls } = await go(it, three.slice(1));
  expect(hopsOf(three[0], calls, "not_configured")).toMatchObject([
    { fromProvider: "openai", toProvider: "anthropic", reason: "not_configured", success: true },
  ]);
});

describe("latency", () => {
  test("a call over the threshold is given up for the next target, and its cost is counted when it ends", async () => {
    const it = world({ a: [{ text: "late", afterMs: 5_000 }], b: [{ text: "quick" }] });
    const on = { ...policy().on, latencyMs: 1_000 };
    const result = await go(it, three, { on });
    expect(result).toMatchObject({ ok: true, completion: { text: "quick" } });
    expect(result.calls.map(({ errorKind }) => errorKind)).toEqual(["latency", null]);
    expect(it.late).toEqual([]);
    await it.run(Promise.all(it.background));
    expect(it.late).toMatchObject([{ attempt: 1, errorKind: "latency", usage: USAGE }]);
  });

  test("an answer within the threshold is taken", async () => {
    const it = world({ a: [{ text: "in time", afterMs: 500 }] });
    const result = await go(it, three, { on: { ...policy().on, latencyMs: 1_000 } });
    expect(result).toMatchObject({ ok: true, completion: { text: "in time" } });
    await it.run(Promise.all(it.background));
    expect(it.late).toEqual([]);
  });
});

describe("cancelling", () => {
  test("a call that was taken away ends the chain: nobody pays for the next target", async () => {
    const it = world({ a: [{ fails: "cancelled" }], b: [{ text: "yes" }] });
    const result = await go(it, three, { retries: 3 });
    expect(result).toMatchObject({ ok: false, error: { kind: "cancelled" } });
    expect(it.called()).toEqual(["openai a"]);
  });

  test("an error that is no provider's is not swallowed", async () => {
    const it = world({ a: [] });
    await expect(go(it, three)).rejects.toThrow("no behaviour");
  });
});
