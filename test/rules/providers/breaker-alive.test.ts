import { expect, test } from "vitest";
import {
  askLastResort,
  askPermit,
  type Breaker,
  breakerHealth,
  type CallOutcome,
  newBreaker,
  takeReport,
} from "../../../src/providers/rules/breaker.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;
const failure: CallOutcome = {
  ...{ result: "failure", errorKind: "server", latencyMs: 1, model: "m", retryAfterMs: null },
};
const limited: CallOutcome = { ...failure, errorKind: "rate_limit", retryAfterMs: 2_000 };

const tell = (breaker: Breaker, outcomes: CallOutcome[], now: number) =>
  takeReport(breaker, { generation: breaker.gate.generation, outcomes }, now);
const opened = () =>
  tell(
    newBreaker(NOW),
    Array.from({ length: 5 }, () => failure),
    NOW,
  );

test("a rate limit is shown, and counts neither as a call nor as a failure", () => {
  const breaker = tell(
    newBreaker(NOW),
    Array.from({ length: 60 }, () => limited),
    NOW,
  );
  expect(breakerHealth(breaker, NOW)).toMatchObject({ state: "closed", requests: 0, lastError: "rate_limit" });
});

test.each([
  ["a probe", MINUTE, askPermit],
  ["a last resort", 15_000, askLastResort],
])("%s that meets a rate limit closes the breaker, which cools down: the provider is alive", (_, inMs, ask) => {
  const now = NOW + inMs;
  const lent = ask(opened(), now);
  expect(lent.permit).toMatchObject({ allowed: true, probe: true });
  const after = tell(lent.breaker, [limited], now);
  expect(breakerHealth(after, now)).toMatchObject({ state: "closed", openUntil: now + 2_000 });
  expect(askPermit(after, now + 1_999).permit).toMatchObject({ allowed: false, reason: "cooling_down" });
  const again = askPermit(after, now + 2_000);
  expect(again.permit).toMatchObject({ allowed: true, probe: false });
  // The failures from before are forgotten: the next one alone does not open it.
  expect(breakerHealth(tell(again.breaker, [failure], now + 2_000), now + 2_000).state).toBe("closed");
});

test.each([
  [1_000, 11_000],
  [125_000, 135_000],
  [600_000, 610_000],
  [3_600_000, 610_000],
])("a lease for a call of %i ms lasts %i ms", (callMs, leaseMs) => {
  const leaseOf = ({ breaker: { gate } }: { breaker: Breaker }) => (gate.state === "closed" ? null : gate.leaseUntil);
  expect(leaseOf(askPermit(opened(), NOW + MINUTE, callMs))).toBe(NOW + MINUTE + leaseMs);
  expect(leaseOf(askLastResort(opened(), NOW + 15_000, callMs))).toBe(NOW + 15_000 + leaseMs);
});
