import { describe, expect, test } from "vitest";
import type { Breakers, CallOutcome, GivenPermit, Permit } from "../../../src/providers/breakers.ts";
import { runChain } from "../../../src/providers/chain.ts";
import type { ChainPolicy, ChainPorts, ChainTarget } from "../../../src/providers/chain-contract.ts";
import { ProviderError } from "../../../src/providers/contract.ts";

const NOW = 1_000_000;
const LEASE: Permit = { allowed: true, generation: 7, probe: true };
const PLACE: Permit = { allowed: true, generation: 7, probe: false, place: NOW };
const REQUEST = { model: "", system: null, prompt: "hi", temperature: 0, maxTokens: 10, topP: null, stopSequences: [] };
const TARGET: ChainTarget = {
  ...{ provider: "openai", model: "m", reason: "test", contextWindow: null },
  key: { apiKey: "k", baseUrl: null, credential: "environment" },
};

/** One target whose breaker answers with `permit`; what it was asked for and told. */
function world(permit: Permit, lent: Permit = permit) {
  const asked: (number | undefined)[] = [];
  const told: { permit: GivenPermit; outcome: CallOutcome }[] = [];
  const timeouts: number[] = [];
  const breakers: Breakers = {
    permit: async (_key, callMs) => {
      asked.push(callMs);
      return permit;
    },
    lastResort: async (_key, callMs) => {
      asked.push(callMs);
      return lent;
    },
    report: async (_key, given, outcome) => {
      told.push({ permit: given, outcome });
    },
    blockedUntil: () => null,
    forget: async () => undefined,
    health: () => Promise.reject(new Error("not asked here")),
    reset: async () => undefined,
  };
  const ports: ChainPorts = {
    workspaceId: "w",
    clock: { now: () => NOW },
    breakers,
    sleep: async () => undefined,
    background: () => undefined,
    onCall: async () => undefined,
    onLate: async () => undefined,
    complete: async (_provider, { model }, { timeoutMs }) => {
      timeouts.push(timeoutMs);
      return { text: "yes", model, finishReason: "stop", usage: null, latencyMs: 1 };
    },
  };
  const run = (over: Partial<ChainPolicy> = {}, otherPorts: Partial<ChainPorts> = {}) => {
    const policy: ChainPolicy = {
      on: { error: true, rateLimit: true, timeout: true, statusCodes: [] },
      ...{ retries: 0, attemptTimeoutMs: 60_000, deadlineAt: NOW + 300_000, waitedMs: 0, ...over },
    };
    return runChain({ ...ports, ...otherPorts }, [TARGET], REQUEST, policy, new AbortController().signal);
  };
  return { asked, told, timeouts, run };
}

const timedOut: ChainPorts["complete"] = () => {
  const facts = { httpStatus: null, retryAfterMs: null, usage: null, model: null, latencyMs: 1 };
  return Promise.reject(new ProviderError("timeout", "timeout", facts));
};

describe("a lease", () => {
  test("is asked for as long as its call may take, and the call has its agent's whole time", async () => {
    const it = world(LEASE);
    await it.run({ attemptTimeoutMs: 600_000, deadlineAt: NOW + 900_000 });
    expect([it.asked, it.timeouts]).toEqual([[600_000], [600_000]]);
  });

  test("that is lent as a last resort, too", async () => {
    const it = world({ allowed: false, reason: "open", reopensAt: NOW + 1, lastResortAt: NOW }, LEASE);
    await it.run({ attemptTimeoutMs: 600_000 });
    expect(it.asked).toEqual([300_000, 300_000]);
  });

  test.each([
    ["what its call throws", { complete: () => Promise.reject(new TypeError("a fault of ours")) }],
    [
      "what the purse throws",
      { purse: { reserve: () => Promise.reject(new TypeError("a fault of ours")), release: async () => undefined } },
    ],
  ])("is given back whatever becomes of it: %s", async (_, ports) => {
    const it = world(LEASE);
    await expect(it.run({}, ports)).rejects.toThrow("a fault of ours");
    expect(it.told).toMatchObject([{ permit: LEASE, outcome: { result: "neutral", errorKind: null } }]);
  });
});

test("a place among the calls under way is given back when there is no time left for the call", async () => {
  const it = world(PLACE);
  await it.run({ deadlineAt: NOW });
  expect(it.timeouts).toEqual([]);
  expect(it.told).toMatchObject([{ permit: PLACE, outcome: { result: "neutral", errorKind: null } }]);
});

test("a call that hangs for its agent's whole time counts, one that its deadline cut short is only shown", async () => {
  const whole = world(PLACE);
  await whole.run({ attemptTimeoutMs: 20_000 }, { complete: timedOut });
  expect(whole.told).toMatchObject([{ outcome: { result: "failure", errorKind: "timeout" } }]);
  const cut = world(PLACE);
  await cut.run({ deadlineAt: NOW + 20_000 }, { complete: timedOut });
  expect(cut.told).toMatchObject([{ outcome: { result: "neutral", errorKind: "timeout" } }]);
});

describe("who finds every target closed off", () => {
  const refused = (reopensIn: number, resortIn: number | null): Permit => ({
    ...{ allowed: false, reason: "open", reopensAt: NOW + reopensIn },
    lastResortAt: resortIn === null ? null : NOW + resortIn,
  });

  test.each([
    ["comes back when the first reopens", refused(60_000, 15_000), 60_000],
    ["comes back for a last resort when the reopening does not fit", refused(600_000, 15_000), 15_000],
    ["does not come back at once for a last resort that is due", refused(600_000, 0), 1_000],
    ["waits for the reopening where no last resort is lent", refused(600_000, null), 600_000],
    ["waits for the reopening where neither fits", refused(600_000, 500_000), 600_000],
  ])("%s", async (_, permit, inMs) => {
    expect(await world(permit).run()).toMatchObject({ ok: false, calls: [], untriedAt: NOW + inMs });
  });
});
