import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketsOf, INTERVALS, startOfPeriod } from "../../../src/costs/rules/buckets.ts";
import { QUARTER_MS } from "../../../src/costs/rules/cover-range.ts";

const at = (iso: string) => Date.parse(iso);
const iso = (time: number) => new Date(time).toISOString().slice(0, 16);
const HOUR = 3_600_000;

function shown(from: string, to: string, interval: (typeof INTERVALS)[number], zone: string): string[] {
  return bucketsOf({ from: at(from), to: at(to) }, interval, zone).map(
    (bucket) => `${iso(bucket.start)} ${(bucket.to - bucket.from) / HOUR}h`,
  );
}

describe("a day of a clock change", () => {
  test("is 23 hours long in spring and 25 in autumn", () => {
    expect(shown("2026-03-27T23:00Z", "2026-03-30T22:00Z", "day", "Europe/Berlin")).toEqual([
      "2026-03-27T23:00 24h",
      "2026-03-28T23:00 23h",
      "2026-03-29T22:00 24h",
    ]);
    expect(shown("2026-10-31T04:00Z", "2026-11-03T05:00Z", "day", "America/New_York")).toEqual([
      "2026-10-31T04:00 24h",
      "2026-11-01T04:00 25h",
      "2026-11-02T05:00 24h",
    ]);
  });

  test("has each hour that clocks show, the one that they show twice two times", () => {
    expect(shown("2026-10-24T22:00Z", "2026-10-25T23:00Z", "hour", "Europe/Berlin")).toHaveLength(25);
    expect(shown("2026-03-28T23:00Z", "2026-03-29T22:00Z", "hour", "Europe/Berlin")).toHaveLength(23);
  });

  test("cuts the hour in which clocks move by half an hour", () => {
    // 02:00 became 01:30: 01:00 to 02:00, then 01:30 to 02:00 again, then full hours.
    expect(shown("2026-04-04T14:00Z", "2026-04-04T17:30Z", "hour", "Australia/Lord_Howe")).toEqual([
      "2026-04-04T14:00 1h",
      "2026-04-04T15:00 0.5h",
      "2026-04-04T15:30 1h",
      "2026-04-04T16:30 1h",
    ]);
  });

  test("that was left out is no bucket", () => {
    expect(shown("2011-12-29T10:00Z", "2011-12-31T10:00Z", "day", "Pacific/Apia")).toEqual([
      "2011-12-29T10:00 24h",
      "2011-12-30T10:00 24h",
    ]);
  });
});

test("hours and days of zones off the full hour begin where their clocks say", () => {
  expect(shown("2026-01-01T18:15Z", "2026-01-02T18:15Z", "day", "Asia/Kathmandu")).toEqual(["2026-01-01T18:15 24h"]);
  expect(shown("2026-01-01T00:00Z", "2026-01-01T01:15Z", "hour", "Asia/Kathmandu")).toEqual([
    "2025-12-31T23:15 0.25h",
    "2026-01-01T00:15 1h",
  ]);
});

test("weeks begin on Monday and months on the first, and those at the ends hold what was asked for", () => {
  expect(shown("2026-01-01T00:00Z", "2026-01-14T00:00Z", "week", "UTC")).toEqual([
    "2025-12-29T00:00 96h",
    "2026-01-05T00:00 168h",
    "2026-01-12T00:00 48h",
  ]);
  expect(shown("2025-12-15T05:00Z", "2026-02-02T05:00Z", "month", "America/New_York")).toEqual([
    "2025-12-01T05:00 408h",
    "2026-01-01T05:00 744h",
    "2026-02-01T05:00 24h",
  ]);
});

test("today, this week and this month begin in the zone, not in UTC", () => {
  const now = at("2026-11-01T03:30Z");
  const starts = (zone: string) => [
    iso(startOfPeriod("day", zone, now)),
    iso(startOfPeriod("week", zone, now)),
    iso(startOfPeriod("month", zone, now)),
  ];
  expect(starts("UTC")).toEqual(["2026-11-01T00:00", "2026-10-26T00:00", "2026-11-01T00:00"]);
  expect(starts("America/New_York")).toEqual(["2026-10-31T04:00", "2026-10-26T04:00", "2026-10-01T04:00"]);
  expect(starts("Pacific/Auckland")).toEqual(["2026-10-31T11:00", "2026-10-25T11:00", "2026-10-31T11:00"]);
});

test("whatever the zone, the interval and the range, buckets follow each other without gap or overlap", () => {
  const zones = fc.constantFrom(
    "UTC",
    "Europe/Berlin",
    "America/Havana",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Cairo",
    "Africa/Monrovia",
  );
  const instant = fc.integer({ min: at("1970-01-01T00:00Z") / QUARTER_MS, max: at("2030-01-01T00:00Z") / QUARTER_MS });
  // Long enough for two changes of the clocks by day, and for one by hour: what lies between is the same again.
  const length = { hour: 10 * 96, day: 200 * 96, week: 300 * 96, month: 400 * 96 };
  const asked = fc
    .constantFrom(...INTERVALS)
    .chain((interval) => fc.tuple(fc.constant(interval), fc.integer({ min: 1, max: length[interval] })));
  fc.assert(
    fc.property(zones, asked, instant, (zone, [interval, quarters], first) => {
      const range = { from: first * QUARTER_MS, to: (first + quarters) * QUARTER_MS };
      const buckets = bucketsOf(range, interval, zone);
      expect(buckets[0]?.from).toBe(range.from);
      expect(buckets.at(-1)?.to).toBe(range.to);
      for (const [index, bucket] of buckets.entries()) {
        expect(bucket.to).toBe(buckets[index + 1]?.from ?? range.to);
        expect(bucket.to).toBeGreaterThan(bucket.from);
        expect(bucket.from % QUARTER_MS).toBe(0);
      }
    }),
    { numRuns: 200 },
  );
});
