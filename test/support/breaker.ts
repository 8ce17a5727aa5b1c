import {
  askLastResort,
  askPermit,
  breakerHealth,
  type CallOutcome,
  newBreaker,
  type Permit,
  resetBreaker,
  takeReport,
} from "../../src/providers/rules/breaker.ts";

export const START = Date.UTC(2026, 10, 22, 12);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

export const success: CallOutcome = {
  result: "success",
  errorKind: null,
  latencyMs: 100,
  model: "m",
  retryAfterMs: null,
};
export const failure: CallOutcome = { ...success, result: "failure", errorKind: "server" };
export const neutral: CallOutcome = { ...success, result: "neutral", errorKind: "context_length" };
export const limited = (retryAfterMs: number | null): CallOutcome => ({
  ...failure,
  errorKind: "rate_limit",
  retryAfterMs,
});

/** A breaker with a clock: asks and reports as callers do. */
export function at(now = START) {
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

export const times = <Item>(n: number, item: Item): Item[] => Array.from({ length: n }, () => item);
export const opened = () => at().tell(times(5, failure));
