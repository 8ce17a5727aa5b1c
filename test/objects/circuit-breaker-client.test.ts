import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { BreakerNamespace, CallOutcome } from "../../src/providers/index.ts";
import { client, failure, idle, MINUTE, newKey, open, stubOf, success, wait } from "../worker/circuit-breakers.ts";

// Only what tells the time of day stands still: the objects share this isolate's Date, and timers go on.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the client", () => {
  test("tells each change once, from opening to closing, and lets everyone through again", async () => {
    const key = newKey();
    const breakers = await open(key);
    expect(await breakers.permit(key)).toMatchObject({ reopensAt: Date.now() + MINUTE, reason: "open" });
    wait(MINUTE);
    const probe = await breakers.permit(key);
    if (!probe.allowed) throw new Error("refused");
    expect(await breakers.permit(key)).toMatchObject({ allowed: false, reason: "probing" });
    await breakers.report(key, probe, success);
    expect(await breakers.permit(key)).toMatchObject({ allowed: true, probe: false });
    expect(breakers.changes).toEqual(["open", "half_open", "closed"].map((state) => `${key.workspaceId} ${state}`));
  });

  test("lends a new probe when the worker with the last one died", async () => {
    const key = newKey();
    const breakers = await open(key);
    wait(MINUTE);
    const lost = await breakers.permit(key);
    wait(130_000 - 1);
    expect(await breakers.permit(key)).toMatchObject({ allowed: false, reason: "probing" });
    wait(1);
    const lent = await breakers.permit(key);
    expect(lent).toMatchObject({ allowed: true, probe: true });
    if (!lost.allowed || !lent.allowed) throw new Error("refused");
    await breakers.report(key, lost, failure);
    expect((await breakers.health(key)).state).toBe("half_open");
    await breakers.report(key, lent, failure);
    expect(await breakers.health(key)).toMatchObject({ state: "open", openUntil: Date.now() + 2 * MINUTE });
  });

  test("lends one last resort in fifteen seconds, whoever of many asks, and asks nobody in between", async () => {
    const key = newKey();
    const breakers = await open(key);
    breakers.calls.length = 0;
    const asked = async () => {
      const permits = await Promise.all(Array.from({ length: 30 }, () => breakers.lastResort(key)));
      return permits.filter(({ allowed }) => allowed);
    };
    expect(await asked()).toEqual([]);
    expect(breakers.calls).toEqual([]);
    wait(15_000);
    const [lent, ...others] = await asked();
    expect(others).toEqual([]);
    if (!lent?.allowed) throw new Error("refused");
    expect(await breakers.permit(key)).toMatchObject({ allowed: false, reason: "open" });
    breakers.calls.length = 0;
    await breakers.report(key, lent, failure);
    expect(await asked()).toEqual([]);
    expect(breakers.calls).toEqual(["report 1"]);

    wait(15_000);
    const again = await breakers.lastResort(key);
    if (!again.allowed) throw new Error("refused");
    await breakers.report(key, again, success);
    expect(await breakers.permit(key)).toMatchObject({ allowed: true, probe: false });
    expect(breakers.changes).toEqual(["open", "closed"].map((state) => `${key.workspaceId} ${state}`));
  });

  test("leaves nothing behind of a key that is gone, also when a call under it ends later", async () => {
    const key = newKey();
    const breakers = await open(key);
    await breakers.forget(key);
    await stubOf(key).report(1, [failure]);
    const left = await runInDurableObject(stubOf(key), (_, state) => [...state.storage.kv.list()]);
    expect(left).toEqual([]);
  });

  test("asks a closed breaker once in five seconds, however many calls are made", async () => {
    const key = newKey();
    const breakers = client();
    // Each call comes back, or the burst would be held up. A fault of the caller's own is not told to the object.
    const fault: CallOutcome = { ...failure, result: "neutral", errorKind: "invalid_request" };
    for (let n = 0; n < 100; n += 1) {
      const permit = await breakers.permit(key);
      if (!permit.allowed) throw new Error(`not permitted: ${permit.reason}`);
      await breakers.report(key, permit, fault);
    }
    expect(breakers.calls).toEqual(["permit"]);
    // Another invocation of the same isolate knows it too.
    const other = client();
    await other.permit(key);
    expect(other.calls).toEqual([]);
    wait(5_000);
    await breakers.permit(key);
    expect(breakers.calls).toEqual(["permit", "permit"]);
  });

  test("holds a burst back until the first calls tell how the provider does", async () => {
    const key = newKey();
    const breakers = client();
    const first = await Promise.all(Array.from({ length: 16 }, () => breakers.permit(key)));
    const rest = Promise.all(Array.from({ length: 84 }, () => breakers.permit(key)));
    await Promise.all(first.map((permit) => permit.allowed && breakers.report(key, permit, failure)));
    expect((await rest).filter(({ allowed }) => allowed)).toEqual([]);
  });

  test("lets a burst go after a second when the first calls are merely slow", async () => {
    const key = newKey();
    const breakers = client();
    const all = await Promise.all(Array.from({ length: 40 }, () => breakers.permit(key)));
    expect(all.filter(({ allowed }) => allowed)).toHaveLength(40);
  });

  test("knows of an opening by its own report at once, and asks an open one again after five seconds", async () => {
    const key = newKey();
    const breakers = await open(key);
    breakers.calls.length = 0;
    for (let n = 0; n < 10; n += 1) expect(await breakers.permit(key)).toMatchObject({ reason: "open" });
    expect(breakers.calls).toEqual([]);
    // Somebody else closes it.
    await stubOf(key).reset();
    wait(4_999);
    expect((await breakers.permit(key)).allowed).toBe(false);
    wait(1);
    expect((await breakers.permit(key)).allowed).toBe(true);
  });

  test("is not talked out of an opening by an answer from before that comes late", async () => {
    const key = newKey();
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = client({
      getByName: (name) => {
        const stub = env.CIRCUIT_BREAKER.getByName(name);
        const permit = async () => {
          const answer = await stub.permit();
          await promise;
          return answer;
        };
        return { ...idle, permit };
      },
    });
    const late = slow.permit(key);
    await vi.waitFor(() => expect(slow.calls).toEqual(["permit"]));
    const breakers = await open(key);
    resolve();
    expect((await late).allowed).toBe(true);
    breakers.calls.length = 0;
    expect(await breakers.permit(key)).toMatchObject({ allowed: false, reason: "open" });
    expect(breakers.calls).toEqual([]);
  });

  test("does not trust a cool-down longer than it lasts", async () => {
    const key = newKey();
    const breakers = client();
    const permit = await breakers.permit(key);
    if (!permit.allowed) throw new Error("refused");
    await breakers.report(key, permit, { ...failure, errorKind: "rate_limit", retryAfterMs: 2_000 });
    expect(await breakers.permit(key)).toMatchObject({ allowed: false, reason: "cooling_down" });
    wait(2_000);
    expect((await breakers.permit(key)).allowed).toBe(true);
    expect(breakers.changes).toEqual([]);
  });

  test("gathers successes for a second, and sends them before a failure that comes after them", async () => {
    const key = newKey();
    const breakers = client();
    const permit = await breakers.permit(key);
    if (!permit.allowed) throw new Error("refused");
    for (let n = 0; n < 4; n += 1) await breakers.report(key, permit, failure);
    breakers.calls.length = 0;
    for (let n = 0; n < 30; n += 1) await breakers.report(key, permit, success);
    expect(breakers.calls).toEqual([]);
    await breakers.report(key, permit, failure);
    expect(breakers.calls).toEqual(["report 31"]);
    expect(await breakers.health(key)).toMatchObject({ state: "closed", requests: 35, failureRate: 5 / 35 });

    wait(1_000);
    await breakers.report(key, permit, success);
    await breakers.report(key, permit, success);
    await breakers.settled();
    expect(breakers.calls).toEqual(["report 31", "health", "report 1"]);
    // Whoever looks sees all of them.
    expect(await breakers.health(key)).toMatchObject({ requests: 37, p50LatencyMs: 120, provider: "openai" });
  });

  test("sends what is left of a burst of successes when it next has to ask", async () => {
    const key = newKey();
    const breakers = client();
    const permit = await breakers.permit(key);
    if (!permit.allowed) throw new Error("refused");
    await breakers.report(key, permit, failure);
    await breakers.report(key, permit, success);
    await breakers.report(key, permit, success);
    wait(5_000);
    await breakers.permit(key);
    await breakers.settled();
    expect(breakers.calls).toEqual(["permit", "report 1", "report 2", "permit"]);
    expect(await stubOf(key).health()).toMatchObject({ requests: 3 });
  });

  test("sends nothing for the caller's own fault, and shows a refused key", async () => {
    const key = newKey();
    const breakers = client();
    const permit = await breakers.permit(key);
    if (!permit.allowed) throw new Error("refused");
    await breakers.report(key, permit, { ...success, result: "neutral", errorKind: "invalid_request" });
    expect(breakers.calls).toEqual(["permit"]);
    await breakers.report(key, permit, { ...success, result: "neutral", errorKind: "auth" });
    expect(await breakers.health(key)).toMatchObject({ lastError: "auth", requests: 0, state: "closed" });
  });

  test("closes by a reset, also here where it was known as open", async () => {
    const key = newKey();
    const breakers = await open(key);
    await breakers.reset(key);
    expect(await breakers.permit(key)).toMatchObject({ allowed: true, probe: false });
    expect(breakers.changes).toEqual([`${key.workspaceId} open`, `${key.workspaceId} closed`]);
  });

  test("keeps workspaces, providers and credentials apart", async () => {
    const key = newKey();
    const breakers = await open(key);
    for (const other of [{ ...key, credential: "c1" }, { ...key, provider: "anthropic" as const }, newKey()]) {
      expect((await breakers.permit(other)).allowed).toBe(true);
    }
  });
});

describe("an object that fails", () => {
  /** A namespace whose stubs throw `error` for the first `count` calls. */
  function failing(count: number, error: Error): BreakerNamespace & { stubs: number } {
    let left = count;
    const fails = () => {
      left -= 1;
      return left >= 0;
    };
    const namespace = {
      stubs: 0,
      getByName(name: string) {
        namespace.stubs += 1;
        const stub = env.CIRCUIT_BREAKER.getByName(name);
        return {
          permit: async () => (fails() ? Promise.reject(error) : stub.permit()),
          lastResort: async () => (fails() ? Promise.reject(error) : stub.lastResort()),
          forget: async () => (fails() ? Promise.reject(error) : stub.forget()),
          report: async (generation: number, outcomes: readonly CallOutcome[]) =>
            fails() ? Promise.reject(error) : stub.report(generation, outcomes),
          reset: async () => (fails() ? Promise.reject(error) : stub.reset()),
          health: async () => (fails() ? Promise.reject(error) : stub.health()),
        };
      },
    };
    return namespace;
  }
  const retryable = Object.assign(new Error("the object was reset"), { retryable: true });
  const overloaded = Object.assign(new Error("too many requests"), { retryable: true, overloaded: true });

  test("lets calls through with a warning, and is left alone for five seconds", async () => {
    const key = newKey();
    const breakers = client(failing(1, new Error("gone")));
    expect(await breakers.permit(key)).toMatchObject({ allowed: true, probe: false });
    expect(breakers.logged).toEqual([
      {
        message: "calls are let through, the breaker does not answer: gone",
        fields: { workspaceId: key.workspaceId, provider: "openai" },
      },
    ]);
    await breakers.permit(key);
    expect(breakers.calls).toEqual(["permit"]);
  });

  test("does not hold a call up when it hangs", async () => {
    const breakers = client({ getByName: () => idle });
    expect(await breakers.permit(newKey())).toMatchObject({ allowed: true });
    expect(breakers.logged[0]?.message).toContain("no answer within 2000 ms");
  });

  test("is asked once more through a new stub, and not at all when it is overloaded", async () => {
    const passing = failing(1, retryable);
    expect(await client(passing).permit(newKey())).toMatchObject({ allowed: true });
    expect(passing.stubs).toBe(2);
    const busy = failing(1, overloaded);
    const breakers = client(busy);
    expect(await breakers.permit(newKey())).toMatchObject({ allowed: true });
    expect(busy.stubs).toBe(1);
    expect(breakers.logged).toHaveLength(1);
  });

  test("loses outcomes with a warning, looks closed, and is not said to be reset", async () => {
    const key = newKey();
    const breakers = client(failing(3, overloaded));
    await breakers.report(key, { generation: 1, probe: false }, failure);
    expect(breakers.logged[0]?.message).toBe("1 outcomes were not counted: too many requests");
    expect(await breakers.health(key)).toMatchObject({ state: "closed", requests: 0, p50LatencyMs: null });
    await expect(breakers.reset(key)).rejects.toMatchObject({ code: "overloaded", retryAfterSeconds: 2 });
  });
});
