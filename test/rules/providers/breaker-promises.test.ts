import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Breaker,
  breakerSchema,
  LAST_RESORT_EVERY_MS,
  type Permit,
  PROBE_LEASE_MS,
} from "../../../src/providers/rules/breaker.ts";
import { at, failure, limited, neutral, success, times } from "../../support/breaker.ts";

describe("whatever happens", () => {
  const outcome = fc.oneof(
    { weight: 10, arbitrary: fc.constant(failure) },
    { weight: 2, arbitrary: fc.constant(success) },
    { weight: 1, arbitrary: fc.constant(neutral) },
    { weight: 2, arbitrary: fc.constantFrom(null, 0, 8_000, 61_000, 200_000, 2_000_000).map(limited) },
  );
  const event = fc.record({
    act: fc.constantFrom(
      "ask",
      "ask",
      "resort",
      "resort",
      "tell",
      "tell",
      "tell",
      "wait",
      "wait",
      "wait",
      "outage",
      "reset",
    ),
    times: fc.integer({ min: 1, max: 12 }),
    ms: fc.constantFrom(1, 15_000, 15_000, 15_000, 60_000, 90_000, 600_000, 600_000),
    // Mostly the newest: of those that are held from before an opening all are stale.
    which: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 20 })),
    outcome,
  });

  type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;
  function acts(one: Event): Event[] {
    if (one.act === "reset") return [one];
    const failed = { ...one, act: "tell" as const, which: 0, outcome: failure };
    return times(one.times, one.act === "outage" ? [{ ...one, act: "ask" as const }, failed] : [one]).flat();
  }

  /** What the rules promise, told plainly: when somebody may be let through, and how long a lease is out. */
  interface Promised {
    notBefore: number;
    noResortBefore: number;
    openings: number;
    probeUntil: number | null;
  }
  const nothing = (): Promised => ({ notBefore: 0, noResortBefore: 0, openings: 0, probeUntil: null });

  test("no second lease is out, no deadline is cut short, and what is stale changes nothing but for a success", () => {
    let probes = 0;
    let resorts = 0;
    let stale = 0;
    const property = fc.property(fc.array(event, { minLength: 20, maxLength: 60, size: "max" }), (events) => {
      const breaker = at();
      const held: Extract<Permit, { allowed: true }>[] = [];
      let promised = nothing();
      for (const each of events.flatMap(acts)) {
        const before: Breaker = breaker.breaker;
        if (each.act === "wait") breaker.wait(each.ms);
        if (each.act === "reset") {
          breaker.reset();
          promised = nothing();
        }
        if (each.act === "ask") {
          const permit = breaker.ask();
          if (permit.allowed) {
            expect(breaker.now).toBeGreaterThanOrEqual(promised.notBefore);
            expect(breaker.now).toBeGreaterThanOrEqual(promised.probeUntil ?? 0);
            promised.probeUntil = permit.probe ? breaker.now + PROBE_LEASE_MS : null;
            probes += permit.probe ? 1 : 0;
            held.push(permit);
          } else {
            expect(permit.reopensAt).toBeGreaterThan(breaker.now);
            expect(permit.reopensAt).toBe(permit.reason === "probing" ? promised.probeUntil : promised.notBefore);
          }
        }
        if (each.act === "resort" && before.gate.state === "open") {
          const permit = breaker.resort();
          if (permit.allowed) {
            expect(breaker.now).toBeGreaterThanOrEqual(promised.noResortBefore);
            expect(breaker.now).toBeGreaterThanOrEqual(promised.probeUntil ?? 0);
            promised.probeUntil = breaker.now + PROBE_LEASE_MS;
            promised.noResortBefore = breaker.now + LAST_RESORT_EVERY_MS;
            resorts += breaker.now < promised.notBefore ? 1 : 0;
            held.push(permit);
          }
        }
        const told = each.act === "tell" ? held.splice(-1 - (each.which % Math.max(held.length, 1)), 1)[0] : undefined;
        if (told) breaker.tell(each.outcome, told.generation);
        const { gate } = before;
        const isLate = told !== undefined && told.generation !== gate.generation;
        if (told && isLate && gate.state !== "closed" && told.generation > gate.since && each.outcome === success) {
          expect(breaker.breaker.gate.state).toBe("closed");
          promised = nothing();
        } else if (told && isLate) {
          expect(breaker.breaker).toBe(before);
          stale += 1;
        } else if (told) {
          if (told.probe) promised.probeUntil = null;
          if (gate.state !== "closed" && each.outcome === success) promised = nothing();
          if (each.outcome.errorKind === "rate_limit") {
            // It is alive: whatever it was, it is closed and cools down.
            if (gate.state !== "closed") promised = nothing();
            const asked = Math.min(Math.max(each.outcome.retryAfterMs ?? 5_000, 1_000), 600_000);
            promised.notBefore = Math.max(promised.notBefore, breaker.now + asked);
            promised.noResortBefore = Math.max(promised.noResortBefore, breaker.now + asked);
          }
          const after = breaker.breaker.gate;
          if (after.state === "open" && !(gate.state === "open" && gate.since === after.since)) {
            const openMs = Math.min(60_000 * 2 ** promised.openings, 600_000);
            promised.notBefore = Math.max(promised.notBefore, breaker.now + openMs);
            promised.noResortBefore = Math.max(promised.noResortBefore, breaker.now + LAST_RESORT_EVERY_MS);
            promised.openings += 1;
          } else if (breaker.breaker.gate.state === "closed") {
            promised.openings = 0;
          }
        }
        expect(breaker.breaker.gate.generation).toBeGreaterThanOrEqual(before.gate.generation);
      }
      // What is stored is what is read again.
      expect(breakerSchema.parse(structuredClone(breaker.breaker))).toEqual(breaker.breaker);
    });
    fc.assert(property, { numRuns: 300 });
    // Runs that never got so far would have shown nothing.
    expect(Math.min(probes, resorts, stale)).toBeGreaterThan(20);
  });
});
