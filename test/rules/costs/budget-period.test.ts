import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PERIODS, type Period, periodOf } from "../../../src/costs/rules/budget-period.ts";

const HOUR_MS = 3_600_000;

function shown(period: Period, zone: string, at: string) {
  const { from: start, to: end } = periodOf(period, zone, Date.parse(at));
  return [new Date(start).toISOString(), new Date(end).toISOString(), (end - start) / HOUR_MS];
}

describe("the period that a moment lies in", () => {
  test.each<[string, Period, string, string, string, string, number]>([
    ["a day in UTC", "day", "UTC", "2026-03-10T12:00:00Z", "2026-03-10T00:00:00.000Z", "2026-03-11T00:00:00.000Z", 24],
    [
      "the last moment of a day",
      "day",
      "UTC",
      "2026-03-10T23:59:59.999Z",
      "2026-03-10T00:00:00.000Z",
      "2026-03-11T00:00:00.000Z",
      24,
    ],
    [
      "the first moment of a day",
      "day",
      "UTC",
      "2026-03-11T00:00:00Z",
      "2026-03-11T00:00:00.000Z",
      "2026-03-12T00:00:00.000Z",
      24,
    ],
    [
      "a day that is 23 hours long",
      "day",
      "Europe/Berlin",
      "2026-03-29T12:00:00Z",
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
      23,
    ],
    [
      "a day that is 25 hours long",
      "day",
      "America/New_York",
      "2026-11-01T12:00:00Z",
      "2026-11-01T04:00:00.000Z",
      "2026-11-02T05:00:00.000Z",
      25,
    ],
    [
      "a zone of 45 minutes",
      "day",
      "Asia/Kathmandu",
      "2026-03-10T18:14:59Z",
      "2026-03-09T18:15:00.000Z",
      "2026-03-10T18:15:00.000Z",
      24,
    ],
    [
      "a day whose midnight is skipped",
      "day",
      "Africa/Cairo",
      "2026-04-24T12:00:00Z",
      "2026-04-23T22:00:00.000Z",
      "2026-04-24T21:00:00.000Z",
      23,
    ],
    [
      "a week from Monday",
      "week",
      "UTC",
      "2026-11-22T23:00:00Z",
      "2026-11-16T00:00:00.000Z",
      "2026-11-23T00:00:00.000Z",
      168,
    ],
    [
      "a week in which clocks change",
      "week",
      "Europe/Berlin",
      "2026-10-21T00:00:00Z",
      "2026-10-18T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
      169,
    ],
    [
      "a month over a clock change",
      "month",
      "Europe/Berlin",
      "2026-03-01T00:00:00Z",
      "2026-02-28T23:00:00.000Z",
      "2026-03-31T22:00:00.000Z",
      743,
    ],
    [
      "the month that is elsewhere the next",
      "month",
      "Pacific/Honolulu",
      "2026-01-01T05:00:00Z",
      "2025-12-01T10:00:00.000Z",
      "2026-01-01T10:00:00.000Z",
      744,
    ],
    [
      "December, which a year follows",
      "month",
      "UTC",
      "2026-12-31T23:00:00Z",
      "2026-12-01T00:00:00.000Z",
      "2027-01-01T00:00:00.000Z",
      744,
    ],
    [
      "February of a leap year",
      "month",
      "UTC",
      "2028-02-29T00:00:00Z",
      "2028-02-01T00:00:00.000Z",
      "2028-03-01T00:00:00.000Z",
      696,
    ],
  ])("%s", (_, period, zone, at, start, end, hours) => {
    expect(shown(period, zone, at)).toEqual([start, end, hours]);
  });

  test("periods follow each other without a gap or an overlap, in every zone and at any time", () => {
    const zones = ["UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Kathmandu", "Australia/Lord_Howe"];
    const moment = fc.integer({ min: Date.parse("2015-01-01"), max: Date.parse("2035-01-01") });
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.constantFrom(...PERIODS), moment, (zone, period, at) => {
        const { from: start, to: end } = periodOf(period, zone, at);
        expect(start <= at && at < end).toBe(true);
        expect(periodOf(period, zone, start)).toEqual({ from: start, to: end });
        expect(periodOf(period, zone, end - 1)).toEqual({ from: start, to: end });
        expect(periodOf(period, zone, end).from).toBe(end);
      }),
      { numRuns: 300 },
    );
  });
});
