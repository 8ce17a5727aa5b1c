import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retryAfterMs } from "../../../src/providers/rules/retry-after.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
const DAY_MS = 86_400_000;
const headers = (values: Record<string, string>) => new Headers(values);
const retryInfo = (retryDelay: unknown) =>
  JSON.stringify({ error: { details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }] } });

describe("retryAfterMs", () => {
  test.each([
    ["0", 0],
    ["7", 7_000],
    [" 7 ", 7_000],
    ["1.5", 1_500],
    ["Sun, 22 Nov 2026 12:01:00 GMT", 60_000],
    ["Sunday, 22-Nov-26 12:01:00 GMT", 60_000],
    ["Sun Nov 22 12:01:00 2026", 60_000],
    ["Sun, 22 Nov 2026 11:00:00 GMT", 0],
    ["999999999999", DAY_MS],
    ["Tue, 01 Jan 2999 00:00:00 GMT", DAY_MS],
  ])("Retry-After: %s is %i ms", (value, ms) => {
    expect(retryAfterMs(headers({ "Retry-After": value }), "", NOW)).toBe(ms);
  });

  test.each(["", "-5", "soon", "0x10", "1e3", "22 Nov 2026", "2026-11-22T13:00:00Z", "Sun, 99 Foo 2026", "Infinity"])(
    "Retry-After: %j says nothing",
    (value) => {
      expect(retryAfterMs(headers({ "Retry-After": value }), "", NOW)).toBeNull();
    },
  );

  test("milliseconds stand before seconds, and seconds before the body", () => {
    const both = headers({ "Retry-After": "2", "retry-after-ms": "1250" });
    expect(retryAfterMs(both, retryInfo("9s"), NOW)).toBe(1_250);
    expect(retryAfterMs(headers({ "Retry-After": "2" }), retryInfo("9s"), NOW)).toBe(2_000);
  });

  test("a header that cannot be read does not hide the next one", () => {
    expect(retryAfterMs(headers({ "Retry-After": "2", "retry-after-ms": "no" }), "", NOW)).toBe(2_000);
    expect(retryAfterMs(headers({ "Retry-After": "later" }), retryInfo("12.5s"), NOW)).toBe(12_500);
  });

  test("a RetryInfo that is no duration says nothing", () => {
    for (const delay of ["", "s", "-1s", "12.5", 12, null, { seconds: 12 }]) {
      const expected = delay === "12.5" ? 12_500 : null;
      expect(retryAfterMs(headers({}), retryInfo(delay), NOW)).toBe(expected);
    }
  });

  test("whatever is sent, the wait is a whole number within a day, or unknown", () => {
    const text = fc.string({ unit: "grapheme-ascii" });
    fc.assert(
      fc.property(text, text, fc.oneof(fc.string(), fc.json()), (after, ms, body) => {
        const bag = { get: (name: string) => (name === "retry-after" ? after : ms) };
        const wait = retryAfterMs(bag, body, NOW);
        if (wait !== null) {
          expect(Number.isInteger(wait)).toBe(true);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(DAY_MS);
        }
      }),
    );
  });
});
