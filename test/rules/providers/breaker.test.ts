import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  askLastResort,
  askPermit,
  type Breaker,
  breakerHealth,
  breakerSchema,
  type CallOutcome,
  LAST_RESORT_EVERY_MS,
  newBreaker,
  type Permit,
  PROBE_LEASE_MS,
  resetBreaker,
  takeReport,
} from "../../../src/providers/rules/breaker.ts";

const START = Date.UTC(2026, 10, 22, 12);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const success: CallOutcome = { result: "success", errorKind: null, latencyMs: 100, model: "m", retryAfterMs: null };
const failure: CallOutcome = { ...success, result: "failure", errorKind: "server" };
const neutral: CallOutcome = { ...success, result: "neutral", errorKind: "context_length" };
const limited = (retryAfterMs: number | null): CallOutcome => ({ ...failure, errorKind: "rate_limit", retryAfterMs });

/** A breaker with a clock: asks and reports as callers do. */
function at(now = START) {
  let breaker = newBreaker(now);
  const self = {
    now,
    get breaker() {
      return breaker;
    },
    wait(ms: number) {
      self.now += ms;
      return self;
    },
    ask(): Permit {
      const asked = askPermit(breaker, self.now);
      breaker = asked.breaker;
      return asked.permit;
    },
    resort(): Permit {
      const asked = askLastResort(breaker, self.now);
      breaker = asked.breaker;
      return asked.permit;
    },
    /** Reports under the generation of a permit, by default the present one. */
    tell(outcomes: CallOutcome | CallOutcome[], generation = breaker.gate.generation) {
      breaker = takeReport(breaker, { generation, outcomes: [outcomes].flat() }, self.now);
      return self;
    },
    /** Takes the probe, and tells how it went. */
    probe(outcome: CallOutcome) {
      const permit = self.ask();
      if (!permit.allowed || !permit.probe) throw new Error(`no probe but ${JSON.stringify(permit)}`);
      return self.tell(outcome, permit.generation);
    },
    reset() {
      breaker = resetBreaker(breaker);
      return self;
    },
    health: () => breakerHealth(breaker, self.now),
  };
  return self;
}

const times = <Item>(n: number, item: Item): Item[] => Array.from({ length: n }, () => item);
const opened = () => at().tell(times(5, failure));

describe("a closed breaker", () => {
  test.each([
    ["four failures in a row", times(4, failure), "closed"],
    ["five failures in a row", times(5, failure), "open"],
    ["five failures with a success among them", [...times(4, failure), success, failure], "closed"],
    ["five failures with the caller's own fault among them", [...times(4, failure), neutral, failure], "open"],
    ["any number of the caller's own faults", times(50, neutral), "closed"],
    ["half of 19 calls failing", [...mixed(9), failure], "closed"],
    ["half of 20 calls failing", mixed(10), "open"],
    ["nine of 20 calls failing", [success, success, ...mixed(9)], "closed"],
    ["fifty rate limits in a row", times(50, limited(1)), "closed"],
    ["five failures with rate limits among them", [...times(4, failure), limited(1), failure], "open"],
  ])("after %s", (_, outcomes, state) => {
    expect(at().tell(outcomes).health().state).toBe(state);
  });

  test("forgets calls after a minute", () => {
    const opens = (ms: number) => at().tell(mixed(9)).wait(ms).tell([success, failure]).health().state;
    expect(opens(59 * SECOND)).toBe("open");
    expect(opens(MINUTE)).toBe("closed");
  });

  // A success comes after each failure, so that no five stand in a row.
  function mixed(pairs: number): CallOutcome[] {
    return Array.from({ length: pairs }, () => [success, failure]).flat();
  }
});

describe("a rate limit", () => {
  test.each([
    ["without a Retry-After", null, 5 * SECOND],
    ["shorter than a second", 20, SECOND],
    ["of half a minute", 30 * SECOND, 30 * SECOND],
    ["of a day", 86_400 * SECOND, 10 * MINUTE],
  ])("%s cools a closed breaker down", (_, retryAfterMs, expected) => {
    const breaker = at().tell(limited(retryAfterMs));
    expect(breaker.ask()).toMatchObject({ allowed: false, reopensAt: START + expected, reason: "cooling_down" });
    expect(breaker.health()).toMatchObject({ state: "closed", openUntil: START + expected });
    expect(breaker.wait(expected - 1).ask().allowed).toBe(false);
    // It was never open: everyone may call again, not one probe.
    expect(breaker.wait(1).ask()).toMatchObject({ allowed: true, probe: false });
    expect(breaker.health().openUntil).toBeNull();
  });

  test("does not shorten a longer one that came before", () => {
    const breaker = at().tell([limited(MINUTE), limited(SECOND)]);
    expect(breaker.ask()).toMatchObject({ reopensAt: START + MINUTE });
  });

  test("keeps an open breaker open for longer than its own time, and never for less", () => {
    const long = at().tell([limited(5 * MINUTE), ...times(5, failure)]);
    expect(long.ask()).toMatchObject({ allowed: false, reopensAt: START + 5 * MINUTE, reason: "open" });
    const short = at().tell([limited(2 * SECOND), ...times(5, failure)]);
    expect(short.ask()).toMatchObject({ allowed: false, reopensAt: START + MINUTE, reason: "open" });
  });

  test("alone makes a closed breaker wait: a Retry-After on another failure lengthens an opening only", () => {
    const maintenance = { ...failure, retryAfterMs: 3 * MINUTE };
    expect(at().tell(maintenance).ask().allowed).toBe(true);
    expect(at().tell(times(5, maintenance)).ask()).toMatchObject({ reopensAt: START + 3 * MINUTE });
  });
});

describe("an open breaker", () => {
  test("lends one probe when its time is up", () => {
    const breaker = opened();
    expect(breaker.wait(MINUTE - 1).ask()).toMatchObject({ allowed: false, reason: "open" });
    expect(breaker.health().state).toBe("open");
    breaker.wait(1);
    expect(breaker.health().state).toBe("half_open");
    expect(breaker.ask()).toMatchObject({ allowed: true, probe: true });
    const leaseUntil = breaker.now + PROBE_LEASE_MS;
    expect(breaker.ask()).toMatchObject({ allowed: false, reopensAt: leaseUntil, reason: "probing" });
  });

  test("stays open twice as long each time that the probe fails, ten minutes at most", () => {
    const breaker = opened();
    for (const minutes of [1, 2, 4, 8, 10, 10]) {
      expect(breaker.ask()).toMatchObject({ reopensAt: breaker.now + minutes * MINUTE });
      breaker.wait(minutes * MINUTE).probe(failure);
    }
    breaker
      .wait(10 * MINUTE)
      .probe(success)
      .tell(times(5, failure));
    expect(breaker.ask()).toMatchObject({ reopensAt: breaker.now + MINUTE });
  });

  test("closes when the probe succeeds, with a clean sheet", () => {
    const breaker = at().tell(times(5, { ...failure, retryAfterMs: 5 * MINUTE }));
    breaker.wait(5 * MINUTE).probe(success);
    expect(breaker.health()).toMatchObject({ state: "closed", requests: 1, failureRate: 0 });
    expect(breaker.tell(times(4, failure)).health().state).toBe("closed");
  });

  test("hands a probe that told nothing on to the next caller, and lends it anew when its lease ran out", () => {
    const breaker = opened().wait(MINUTE).probe(neutral);
    expect(breaker.health().state).toBe("half_open");
    const lost = breaker.ask();
    expect(lost).toMatchObject({ allowed: true, probe: true });
    expect(breaker.wait(PROBE_LEASE_MS - 1).ask().allowed).toBe(false);
    expect(breaker.wait(1).ask()).toMatchObject({ allowed: true, probe: true });
    // The worker that was thought dead comes back while another one probes: its failure decides nothing any more.
    if (lost.allowed) breaker.tell(failure, lost.generation);
    expect(breaker.health().state).toBe("half_open");
  });

  test("closes for a probe that succeeds after its lease, whoever probes by then", () => {
    const breaker = opened().wait(MINUTE);
    const slow = breaker.ask();
    breaker.wait(PROBE_LEASE_MS + 5 * SECOND).ask();
    if (slow.allowed) breaker.tell(success, slow.generation);
    expect(breaker.health().state).toBe("closed");
  });

  test("does not close for a success from before it opened, or from an earlier opening", () => {
    const breaker = at();
    const before = breaker.ask();
    breaker.tell(times(5, failure)).wait(MINUTE);
    const lease = breaker.ask();
    breaker.wait(PROBE_LEASE_MS).probe(failure);
    for (const permit of [before, lease]) if (permit.allowed) breaker.tell(success, permit.generation);
    expect(breaker.health().state).toBe("open");
  });

  test("is closed by a reset, and a probe lent before decides nothing any more", () => {
    const breaker = opened().wait(MINUTE);
    const probe = breaker.ask();
    breaker.reset();
    if (probe.allowed) breaker.tell(failure, probe.generation);
    expect(breaker.health()).toMatchObject({ state: "closed", requests: 0, lastError: null });
    expect(breaker.ask()).toMatchObject({ allowed: true, probe: false });
  });
});

describe("a last resort", () => {
  test("is lent once in fifteen seconds, and one at a time", () => {
    const breaker = opened();
    expect(breaker.resort()).toMatchObject({ allowed: false, reason: "open", lastResortAt: START + 15 * SECOND });
    const lent = breaker.wait(LAST_RESORT_EVERY_MS).resort();
    expect(lent).toMatchObject({ allowed: true, probe: true });
    expect(breaker.ask()).toMatchObject({ allowed: false, reason: "open", reopensAt: START + MINUTE });
    // As long as it is out no other one is lent, nor the probe.
    expect(breaker.wait(LAST_RESORT_EVERY_MS).resort().allowed).toBe(false);
    breaker.wait(MINUTE);
    expect(breaker.ask()).toMatchObject({ allowed: false, reason: "probing" });
    expect(breaker.wait(PROBE_LEASE_MS).ask()).toMatchObject({ allowed: true, probe: true });
  });

  test("closes the breaker when it succeeds, and one later failure does not open it again", () => {
    const breaker = at()
      .tell([...times(20, success), ...times(20, failure)])
      .wait(LAST_RESORT_EVERY_MS);
    const lent = breaker.resort();
    if (lent.allowed) breaker.tell(success, lent.generation);
    expect(breaker.ask()).toMatchObject({ allowed: true, probe: false });
    expect(breaker.tell(failure).health()).toMatchObject({ state: "closed", requests: 2 });
  });

  test("changes nothing when it fails but the time of the next, unless the provider asks for more", () => {
    const maintenance = { ...failure, retryAfterMs: 5 * MINUTE };
    const breaker = opened().wait(LAST_RESORT_EVERY_MS);
    const first = breaker.resort();
    if (first.allowed) breaker.tell(failure, first.generation);
    expect(breaker.ask()).toMatchObject({ reopensAt: START + MINUTE, lastResortAt: START + 30 * SECOND });
    const second = breaker.wait(LAST_RESORT_EVERY_MS).resort();
    if (second.allowed) breaker.tell(maintenance, second.generation);
    const until = START + 30 * SECOND + 5 * MINUTE;
    expect(breaker.ask()).toMatchObject({ reopensAt: until, lastResortAt: until });
    expect(breaker.wait(LAST_RESORT_EVERY_MS).resort().allowed).toBe(false);
  });

  test("is never lent while a provider asked to be left alone, nor beside a probe", () => {
    expect(at().tell(limited(MINUTE)).resort()).toMatchObject({ reason: "cooling_down", lastResortAt: null });
    const limits = at().tell([limited(5 * MINUTE), ...times(5, failure)]);
    expect(limits.wait(MINUTE).resort().allowed).toBe(false);
    const probing = opened().wait(MINUTE);
    probing.ask();
    expect(probing.wait(LAST_RESORT_EVERY_MS).resort()).toMatchObject({ reason: "probing", lastResortAt: null });
  });
});

describe("health", () => {
  test("tells the median of each model's successes, and not that failures came fast", () => {
    const of = (model: string, latencyMs: number) => ({ ...success, model, latencyMs });
    const slow = [900, 1_000, 5_000].map((ms) => of("slow", ms));
    const breaker = at().tell([...slow, of("quick", 100), { ...failure, model: "quick", latencyMs: 1 }]);
    expect(breaker.health()).toEqual({
      state: "closed",
      failureRate: 1 / 5,
      requests: 5,
      p50LatencyMs: 900,
      lastError: "server",
      openUntil: null,
      blocked: null,
      models: [
        { model: "slow", requests: 3, p50LatencyMs: 1_000 },
        { model: "quick", requests: 1, p50LatencyMs: 100 },
      ],
    });
    // What was slow once gets another chance, and an old error is no news.
    expect(breaker.wait(15 * MINUTE).health()).toMatchObject({ requests: 0, models: [], lastError: null });
  });

  test("goes by the latest 64 calls of a model, and by 32 models at most", () => {
    const breaker = at()
      .tell(times(500, { ...success, latencyMs: 9_000 }))
      .tell(times(64, success));
    expect(breaker.health().models).toEqual([{ model: "m", requests: 64, p50LatencyMs: 100 }]);
    breaker.tell(Array.from({ length: 100 }, (_, n) => ({ ...success, model: `m${n}` })));
    expect(breaker.health().models.map(({ model }) => model)).toEqual(
      Array.from({ length: 32 }, (_, n) => `m${n + 68}`),
    );
  });

  test("shows a refused key, though it does not count, and not the caller's own fault", () => {
    const breaker = at().tell([{ ...neutral, errorKind: "auth" }, neutral]);
    expect(breaker.health()).toMatchObject({ lastError: "auth", requests: 0, failureRate: 0 });
  });
});

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
