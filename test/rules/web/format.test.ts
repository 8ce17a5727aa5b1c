import { describe, expect, it } from "vitest";
import { backoffMs } from "../../../web/src/lib/backoff.ts";
import { formatDuration, formatExactTime, relativeTime } from "../../../web/src/lib/duration.ts";
import { shortId } from "../../../web/src/lib/ids.ts";
import { formatExactMoney, formatMark, formatMoney } from "../../../web/src/lib/money.ts";
import { safePath } from "../../../web/src/lib/safe-path.ts";
import { counted, formatTokens } from "../../../web/src/lib/tokens.ts";

describe("money", () => {
  it.each([
    [0, "$0.00"],
    [4_200_000, "$0.0042"],
    [1, "$0.000000001"],
    [12_345, "$0.000012"],
    [9_999_999, "$0.0100"],
    [10_000_000, "$0.01"],
    [995_000_000, "$1.00"],
    [1_234_500_000_000, "$1,234.50"],
    [-4_200_000, "-$0.0042"],
  ])("%i nano-dollars read as %s", (nanoUsd, text) => {
    expect(formatMoney(nanoUsd)).toBe(text);
  });

  it("keeps every digit of amounts that a number cannot hold", () => {
    expect(formatExactMoney(9_007_199_254_740_993n)).toBe(
      "$9,007,199.254740993, that is 9,007,199,254,740,993 nano-dollars",
    );
  });
});

describe("the marks of an axis", () => {
  it("lie as evenly as they are drawn", () => {
    expect([0, 4_500_000, 9_000_000, 13_500_000, 18_000_000].map(formatMark)).toEqual([
      "$0.00",
      "$0.0045",
      "$0.009",
      "$0.0135",
      "$0.018",
    ]);
    expect([1_500_000_000_000, 250_000_000, 15].map(formatMark)).toEqual(["$1,500.00", "$0.25", "$0.000000015"]);
  });
});

describe("durations", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_234, "1.2 s"],
    [59_949, "59.9 s"],
    [59_960, "1 min"],
    [185_000, "3 min 5 s"],
    [3_599_900, "1 h"],
    [7_800_000, "2 h 10 min"],
    [356_400_000, "4 d 3 h"],
  ])("%i ms read as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe("times", () => {
  const now = Date.UTC(2026, 10, 22, 12);
  it.each([
    [now - 2_000, "just now"],
    [now + 2_000, "just now"],
    [now - 30_000, "30 s ago"],
    [now - 119_000, "1 min ago"],
    [now + 7_200_000, "in 2 h"],
    [now - 3 * 86_400_000, "3 d ago"],
    [now - 30 * 86_400_000, "23 Oct"],
    [now - 365 * 86_400_000, "22 Nov 2025"],
  ])("%i is %s", (at, text) => {
    expect(relativeTime(at, now)).toBe(text);
  });

  it("says to the second when something was, and in which zone", () => {
    expect(formatExactTime(now, "UTC")).toBe("22 November 2026, 12:00:00 UTC");
  });
});

describe("counts", () => {
  it.each([
    [0, "0"],
    [812, "812"],
    [1_000, "1 k"],
    [12_431, "12.4 k"],
    [999_960, "1 M"],
    [3_100_000, "3.1 M"],
  ])("%i tokens read as %s", (count, text) => {
    expect(formatTokens(count)).toBe(text);
  });

  it("says one step and two steps", () => {
    expect([counted(1, "step"), counted(2_000, "step")]).toEqual(["1 step", "2,000 steps"]);
  });
});

it("tells apart ids that were made in the same millisecond", () => {
  const at = "01938d2a-6f00-7";
  expect(shortId(`${at}aaa-8bbb-0123456789ab`)).not.toBe(shortId(`${at}aaa-8bbb-0123456789ac`));
});

it("waits longer after each failure, up to half a minute, and never the same for all", () => {
  expect([1, 2, 3, 20].map((failures) => backoffMs(failures, 1))).toEqual([500, 1_000, 2_000, 30_000]);
  expect(backoffMs(1, 0)).toBe(250);
});

describe("the way back after signing in", () => {
  it("leads to a page of the dashboard with its filters", () => {
    expect(safePath("/executions?status=failed#top")).toBe("/executions?status=failed#top");
  });

  it.each(["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)", "", undefined])(
    "never leads to %s",
    (path) => {
      expect(safePath(path)).toBe("/");
    },
  );
});
