import { describe, expect, test } from "vitest";
import { type CandidateTarget, planTargets, type RoutingRequest } from "../../../src/providers/rules/plan-targets.ts";

const target = (over: Partial<CandidateTarget> = {}): CandidateTarget => ({
  provider: "openai",
  model: "m",
  named: true,
  weight: 1,
  configured: true,
  keyFault: null,
  expectedCost: null,
  p50LatencyMs: null,
  contextWindow: null,
  capabilities: null,
  retired: false,
  insteadOf: null,
  unmatched: false,
  ...over,
});
const request = (over: Partial<RoutingRequest> = {}): RoutingRequest => ({
  strategy: "ordered",
  requires: [],
  tokensNeeded: 100,
  draw: () => "800000000000",
  ...over,
});
const order = (candidates: CandidateTarget[], over: Partial<RoutingRequest> = {}) =>
  planTargets(candidates, request(over)).map((each) => `${each.model}${each.eligible ? "" : "!"}`);

describe("the order of targets", () => {
  const [a, b, c] = [target({ model: "a" }), target({ model: "b" }), target({ model: "c" })];

  test("ordered is as they are listed, the agent's own model first", () => {
    expect(order([a, b, c])).toEqual(["a", "b", "c"]);
  });

  test("cheapest sorts by price, and what has none comes last, never first", () => {
    const priced = [
      target({ model: "dear", expectedCost: 9 }),
      target({ model: "unknown" }),
      target({ model: "cheap", expectedCost: 1 }),
    ];
    expect(order(priced, { strategy: "cheapest" })).toEqual(["cheap", "dear", "unknown"]);
  });

  test("fastest sorts by the measured median, and what was never measured comes last", () => {
    const measured = [
      target({ model: "new" }),
      target({ model: "slow", p50LatencyMs: 900 }),
      target({ model: "quick", p50LatencyMs: 90 }),
    ];
    expect(order(measured, { strategy: "fastest" })).toEqual(["quick", "slow", "new"]);
  });

  test("one in ten draws lets a target that was never measured go first, so that it is", () => {
    const measured = [target({ model: "quick", p50LatencyMs: 90 }), target({ model: "new" })];
    let first = 0;
    for (let seed = 0; seed < 2_000; seed += 1) {
      const draw = ({ model }: CandidateTarget) => hash(`${seed}/${model}`);
      if (order(measured, { strategy: "fastest", draw })[0] === "new") first += 1;
    }
    // Binomial with n 2,000 and p 0.1: five standard deviations are 67.
    expect(first).toBeGreaterThan(133);
    expect(first).toBeLessThan(267);
  });

  test("balanced draws by weight: a heavier target comes first more often, a weight of 0 last", () => {
    const heavy = target({ model: "heavy", weight: 3 });
    const light = target({ model: "light", weight: 1 });
    const never = target({ model: "never", weight: 0 });
    let first = 0;
    for (let seed = 0; seed < 2_000; seed += 1) {
      const draw = ({ model }: CandidateTarget) => hash(`${seed}/${model}`);
      const [winner, , last] = order([never, light, heavy], { strategy: "balanced", draw });
      if (winner === "heavy") first += 1;
      expect(last).toBe("never");
    }
    // Binomial with n 2,000 and p 0.75: five standard deviations are 97.
    expect(first).toBeGreaterThan(1_400);
    expect(first).toBeLessThan(1_600);
  });
});

describe("what is not tried", () => {
  test("a target without a key, the agent's own too", () => {
    expect(order([target({ model: "own", configured: false }), target({ model: "other" })])).toEqual(["other", "own!"]);
  });

  test("a target that lacks what the agent requires; the agent's own model is its choice", () => {
    const lacking = { capabilities: ["text"] };
    const planned = planTargets(
      [target({ model: "own", ...lacking }), target({ model: "other", ...lacking }), target({ model: "unknown" })],
      request({ requires: ["vision"] }),
    );
    expect(planned.map(({ model, eligible }) => [model, eligible])).toEqual([
      ["own", true],
      ["unknown", true],
      ["other", false],
    ]);
    expect(planned[2]?.reason).toContain("vision");
  });

  test("a target whose window is too small", () => {
    expect(order([target({ model: "own" }), target({ model: "small", contextWindow: 99 })])).toEqual(["own", "small!"]);
  });

  test("a target whose stored key cannot be used, with the reason", () => {
    const spoilt = target({ model: "other", configured: false, keyFault: "it was encrypted with another key" });
    const planned = planTargets([target({ model: "own" }), spoilt], request());
    expect(planned.map(({ eligible, reason }) => [eligible, reason])).toEqual([
      [true, "the agent's own model"],
      [false, "it was encrypted with another key"],
    ]);
  });

  test("a target that was shut down", () => {
    expect(order([target({ model: "own" }), target({ model: "gone", retired: true })])).toEqual(["own", "gone!"]);
  });

  test("a provider of which no counterpart is known, and it says what to do", () => {
    const planned = planTargets([target(), target({ provider: "gemini", unmatched: true })], request());
    expect(planned[1]).toMatchObject({ eligible: false, reason: "no counterpart of m is known there: name a model" });
  });
});

/** FNV-1a, twice, as hex of 16 digits: even enough to draw with. */
function hash(text: string): string {
  let one = 0x811c9dc5;
  let two = 0x01000193;
  for (const character of `${text}${text}`) {
    one = Math.imul(one ^ character.charCodeAt(0), 0x01000193) >>> 0;
    two = Math.imul(two ^ one, 0x85ebca6b) >>> 0;
  }
  return two.toString(16).padStart(8, "0") + one.toString(16).padStart(8, "0");
}
