import { describe, expect, it } from "vitest";
import { askedFor } from "../../../web/src/features/analytics/asked.ts";
import { analyticsSearch } from "../../../web/src/features/analytics/search.ts";
import { percentages } from "../../../web/src/features/budgets/words.ts";
import {
  bucketLabel,
  dayIn,
  daysIn,
  intervalFor,
  intervalsFor,
  RANGES,
  rangeBefore,
  rangeOf,
} from "../../../web/src/lib/day-range.ts";
import { formatShare, shareOf } from "../../../web/src/lib/share.ts";
import { isTimeZone, timeZones } from "../../../web/src/lib/time-zones.ts";

describe("a range of days", () => {
  it.each([
    ["today", "2026-03-01", "2026-03-01"],
    ["7d", "2026-02-23", "2026-03-01"],
    ["30d", "2026-01-31", "2026-03-01"],
    ["month", "2026-03-01", "2026-03-01"],
    ["last-month", "2026-02-01", "2026-02-28"],
    ["12m", "2025-04-01", "2026-03-01"],
  ] as const)("%s on the first of March is from %s to %s", (name, from, to) => {
    expect(rangeOf(name, "2026-03-01")).toEqual({ from, to });
  });

  it("crosses the year", () => {
    expect(rangeOf("last-month", "2026-01-15")).toEqual({ from: "2025-12-01", to: "2025-12-31" });
  });

  it("is compared with as many days right before it", () => {
    for (const name of RANGES) {
      const range = rangeOf(name, "2026-11-22");
      const before = rangeBefore(range);
      expect(daysIn(before)).toBe(daysIn(range));
      expect(Date.parse(range.from) - Date.parse(before.to)).toBe(86_400_000);
    }
  });

  it("that ends before it begins has no day", () => {
    expect(daysIn({ from: "2026-03-02", to: "2026-03-01" })).toBe(0);
  });

  it("begins when the zone's clocks say so", () => {
    const at = Date.UTC(2026, 10, 22, 23, 30);
    expect([dayIn("UTC", at), dayIn("Asia/Tokyo", at), dayIn("America/New_York", at)]).toEqual([
      "2026-11-22",
      "2026-11-23",
      "2026-11-22",
    ]);
  });
});

describe("the interval of a trend", () => {
  it.each([
    [1, undefined, "hour"],
    [30, undefined, "day"],
    [365, undefined, "week"],
    [2_000, undefined, "month"],
    [30, "week", "week"],
    [90, "hour", "day"],
  ] as const)("of %i days with %s wished for is the %s", (days, wished, interval) => {
    expect(intervalFor(days, wished)).toBe(interval);
  });

  it("always fits", () => {
    for (let days = 1; days < 5_000; days += 1) expect(intervalsFor(days)).toContain(intervalFor(days, undefined));
  });

  it("names its buckets by the clocks of the zone", () => {
    const start = "2026-03-29T03:00:00+02:00";
    expect((["hour", "day", "week", "month"] as const).map((interval) => bucketLabel(start, interval))).toEqual([
      "29 Mar, 03:00",
      "29 Mar",
      "29 Mar",
      "Mar 2026",
    ]);
  });
});

describe("shares", () => {
  it.each([
    [1, 3, "33.3 %"],
    [1, 4, "25 %"],
    [1, 100_000, "< 0.1 %"],
    [99_999, 100_000, "> 99.9 %"],
    [5, 5, "100 %"],
    [0, 5, "0 %"],
    [5, 0, "0 %"],
  ])("%i of %i are %s", (part, whole, text) => {
    expect(formatShare(shareOf(part, whole))).toBe(text);
  });
});

it("knows the time zones that there are, and no others", () => {
  expect(timeZones().slice(0, 1)).toEqual(["UTC"]);
  expect(timeZones().every(isTimeZone)).toBe(true);
  expect(isTimeZone("Mars/Olympus")).toBe(false);
});

describe("what the address of the analytics asks for", () => {
  const now = Date.UTC(2026, 10, 22, 23, 30);
  const asked = (search: object) => askedFor(analyticsSearch.parse({ zone: "Asia/Tokyo", ...search }), now);

  it("is the last 30 days of the zone, and is compared with those before, by the same filters", () => {
    const { query, before, interval } = asked({ provider: "openai" });
    expect(query).toEqual({
      startDate: "2026-10-25",
      endDate: "2026-11-23",
      timezone: "Asia/Tokyo",
      provider: "openai",
    });
    expect(before).toEqual({ ...query, startDate: "2026-09-25", endDate: "2026-10-24" });
    expect(interval).toBe("day");
  });

  it("may be days of one's own, open at either side", () => {
    expect(asked({ from: "2026-11-01" }).range).toEqual({ from: "2026-11-01", to: "2026-11-23" });
    expect(asked({ to: "2026-03-01" }).range).toEqual({ from: "2026-01-31", to: "2026-03-01" });
    expect(asked({ from: "2026-11-02", to: "2026-11-01" }).before).toBeNull();
  });

  it("passes over days that no calendar has, and years that are still being typed", () => {
    for (const from of ["2026-13-45", "2026-02-30", "0002-11-28", "1969-12-31", "2026-1-1"]) {
      expect(analyticsSearch.parse({ from }).from, from).toBeUndefined();
    }
    expect(analyticsSearch.parse({ from: "2028-02-29" }).from).toBe("2028-02-29");
  });

  it("is kept where it makes sense, whatever else stands in the address", () => {
    expect(asked({ range: "ages", from: "yesterday", metric: "tokens", interval: 7 }).days).toBe(30);
    expect(analyticsSearch.parse({ zone: "Mars", metric: "tokens" })).toMatchObject({
      metric: "tokens",
      zone: undefined,
    });
  });
});

it("reads percentages however they are written, and refuses what is none", () => {
  expect(percentages("50, 80;100 %")).toEqual([50, 80, 100]);
  expect(percentages(" ")).toEqual([]);
  expect(["0", "101", "50.5", "half"].map(percentages)).toEqual([null, null, null, null]);
});
