import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type BreakerKey, type CallOutcome, type ChainPorts, runChain } from "../../src/providers/index.ts";
import { client, failure, MINUTE, newKey, open, stubOf, success, wait } from "../worker/circuit-breakers.ts";

// Only what tells the time of day stands still: the objects share this isolate's Date, and timers go on.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the object", () => {
  test("gives a hundred callers at half-open one probe, and tells the others until when to wait", async () => {
    const key = newKey();
    await open(key);
    wait(MINUTE);
    const permits = await Promise.all(Array.from({ length: 100 }, () => stubOf(key).permit()));
    const allowed = permits.filter(({ permit }) => permit.allowed);
    expect(allowed).toMatchObject([{ permit: { probe: true }, changed: "half_open" }]);
    const refused = permits.flatMap(({ permit }) => (permit.allowed ? [] : [permit]));
    expect(refused).toHaveLength(99);
    for (const each of refused) {
      expect(each).toMatchObject({ reason: "probing", reopensAt: Date.now() + 130_000 });
    }
  });

  test("lets one of a hundred chains that meet at half-open call the provider, with and without another target", async () => {
    const target = {
      model: "m",
      reason: "",
      contextWindow: null,
      key: { apiKey: "k", baseUrl: null, credential: "c" },
    };
    const sampling = { system: null, prompt: "", temperature: 0, maxTokens: 1, topP: null, stopSequences: [] };
    const policy = {
      on: { error: true, rateLimit: true, timeout: true, statusCodes: [] },
      ...{ retries: 2, attemptTimeoutMs: 60_000, waitedMs: 0 },
    };
    for (const providers of [["openai"], ["openai", "anthropic"]] as const) {
      const { workspaceId } = newKey();
      const breakers = await open({ workspaceId, provider: "openai", credential: "c" });
      wait(MINUTE);
      const called: string[] = [];
      const ports: ChainPorts = {
        workspaceId,
        clock: { now: () => Date.now() },
        breakers,
        complete: async (provider, { model }) => {
          called.push(provider);
          await new Promise((resolve) => setTimeout(resolve, 20));
          return { text: "ok", model, finishReason: "stop", usage: null, latencyMs: 20 };
        },
        sleep: () => Promise.resolve(),
        background: () => undefined,
        onCall: () => Promise.resolve(),
        onLate: () => Promise.resolve(),
      };
      const targets = providers.map((provider) => ({ ...target, provider }));
      const limits = { ...policy, deadlineAt: Date.now() + MINUTE };
      const { signal } = new AbortController();
      const run = () => runChain(ports, targets, { model: "m", ...sampling }, limits, signal);
      const results = await Promise.all(Array.from({ length: 100 }, run));
      expect(called.filter((provider) => provider === "openai")).toHaveLength(1);
      expect(results.filter(({ ok }) => ok)).toHaveLength(providers.length === 1 ? 1 : 100);
    }
  });

  test("opens once when twenty calls fail at the same time", async () => {
    const key = newKey();
    const { permit } = await stubOf(key).permit();
    if (!permit.allowed) throw new Error("refused");
    const reports = Array.from({ length: 20 }, () => stubOf(key).report(permit.generation, [failure]));
    const changes = (await Promise.all(reports)).map(({ changed }) => changed).filter((state) => state !== null);
    expect(changes).toEqual(["open"]);
    // Opened twice it would be for two minutes.
    expect(await stubOf(key).health()).toMatchObject({ state: "open", openUntil: Date.now() + MINUTE, requests: 5 });
  });

  test.each([
    ["an eviction", (key: BreakerKey) => evictDurableObject(stubOf(key))],
    ["a crash", () => abortAllDurableObjects()],
  ])("stays open through %s, and counts on from where it was", async (_, lose) => {
    const key = newKey();
    const { permit } = await stubOf(key).permit();
    if (!permit.allowed) throw new Error("refused");
    for (let n = 0; n < 4; n += 1) await stubOf(key).report(permit.generation, [failure]);
    await lose(key);
    expect(await stubOf(key).report(permit.generation, [failure])).toMatchObject({ changed: "open" });
    await lose(key);
    const until = Date.now() + MINUTE;
    expect((await stubOf(key).permit()).permit).toMatchObject({ allowed: false, reopensAt: until, reason: "open" });
    wait(MINUTE);
    expect((await stubOf(key).permit()).permit).toMatchObject({ allowed: true, probe: true });
    await lose(key);
    // The probe is still out: an object that forgot would lend a second one.
    expect((await stubOf(key).permit()).permit).toMatchObject({ allowed: false, reason: "probing" });
  });

  test("writes failures at once, and counts of successes every ten seconds", async () => {
    const key = newKey();
    const { permit } = await stubOf(key).permit();
    if (!permit.allowed) throw new Error("refused");
    const stored = () => runInDurableObject(stubOf(key), (_, state) => JSON.stringify(state.storage.kv.get("breaker")));
    const report = (outcome: CallOutcome) => stubOf(key).report(permit.generation, [outcome]);
    await report(failure);
    const afterFailure = await stored();
    expect(afterFailure).toContain('"failuresInRow":1');
    // It ends the row, which decides something.
    await report(success);
    const afterSuccess = await stored();
    expect(afterSuccess).toContain('"failuresInRow":0');
    await report(success);
    expect(await stored()).toBe(afterSuccess);
    wait(10_000);
    await report(success);
    expect(await stored()).not.toBe(afterSuccess);
  });

  test("starts closed, and says so, when it cannot read what it stored", async () => {
    const key = newKey();
    await open(key);
    await runInDurableObject(stubOf(key), (_, state) =>
      state.storage.kv.put("breaker", { gate: "of another version" }),
    );
    await evictDurableObject(stubOf(key));
    wait(MINUTE);
    const asking = client();
    expect(await asking.permit(key)).toMatchObject({ allowed: true, probe: false });
    wait(MINUTE);
    await asking.permit(key);
    expect(asking.logged).toMatchObject([
      {
        message: expect.stringContaining("the stored state was not understood"),
        fields: { workspaceId: key.workspaceId },
      },
    ]);
  });
});
