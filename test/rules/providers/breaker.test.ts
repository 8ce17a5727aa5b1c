import { describe, expect, test } from "vitest";
import { type CallOutcome, LAST_RESORT_EVERY_MS, PROBE_LEASE_MS } from "../../../src/providers/rules/breaker.ts";
import { at, failure, limited, MINUTE, neutral, opened, SECOND, START, success, times } from "../../support/breaker.ts";

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
