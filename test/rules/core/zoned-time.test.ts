import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addDays, dayAt, isTimeZone, offsetAt, startOfDay, weekdayOf, zonedIso } from "../../../src/core/zoned-time.ts";

const iso = (instant: number) => new Date(instant).toISOString();
const day = (text: string) => {
  const [year = 0, month = 0, date = 0] = text.split("-").map(Number);
  return { year, month, day: date };
};

describe("a day begins", () => {
  test.each([
    ["UTC", "2026-03-29", "2026-03-29T00:00:00.000Z"],
    ["Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000Z"],
    ["Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00.000Z"],
    ["America/New_York", "2026-11-01", "2026-11-01T04:00:00.000Z"],
    ["America/New_York", "2026-11-02", "2026-11-02T05:00:00.000Z"],
    ["Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00.000Z"],
    ["Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00.000Z"],
    ["+05:45", "2026-01-01", "2025-12-31T18:15:00.000Z"],
    ["utc", "1970-01-01", "1970-01-01T00:00:00.000Z"],
  ])("in %s on %s at %s", (zone, date, instant) => {
    expect(iso(startOfDay(zone, day(date)))).toBe(instant);
  });

  test("at the end of the gap where clocks skip midnight", () => {
    expect(iso(startOfDay("America/Santiago", day("2026-09-06")))).toBe("2026-09-06T04:00:00.000Z");
    expect(iso(startOfDay("Africa/Cairo", day("2026-04-24")))).toBe("2026-04-23T22:00:00.000Z");
  });

  test("at the first of two midnights", () => {
    expect(iso(startOfDay("America/Havana", day("2026-11-01")))).toBe("2026-11-01T04:00:00.000Z");
  });

  test("at the only midnight where clocks go back into the day before", () => {
    expect(iso(startOfDay("America/Santiago", day("2026-04-05")))).toBe("2026-04-05T04:00:00.000Z");
  });

  test("where the next one begins when a zone left it out", () => {
    expect(startOfDay("Pacific/Apia", day("2011-12-30"))).toBe(startOfDay("Pacific/Apia", day("2011-12-31")));
    expect(iso(startOfDay("Pacific/Apia", day("2011-12-31")))).toBe("2011-12-30T10:00:00.000Z");
  });
});

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Santiago",
  "America/Havana",
  "Africa/Cairo",
  "Asia/Kathmandu",
  "Asia/Tehran",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
  "Africa/Casablanca",
];
const instantArb = fc.integer({ min: Date.UTC(1972, 0, 1), max: Date.UTC(2037, 0, 1) });

test("every instant lies in the day that its zone's calendar shows, and not in the next", () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), instantArb, (zone, instant) => {
      const shown = dayAt(zone, instant);
      expect(startOfDay(zone, shown)).toBeLessThanOrEqual(instant);
      expect(startOfDay(zone, addDays(shown, 1))).toBeGreaterThan(instant);
      expect(dayAt(zone, startOfDay(zone, shown))).toEqual(shown);
      expect(dayAt(zone, startOfDay(zone, shown) - 1)).not.toEqual(shown);
    }),
    { numRuns: 3_000 },
  );
});

test("offsets of our time are whole quarters of an hour in every zone there is", () => {
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    for (const year of [2000, 2013, 2026]) {
      for (const month of [0, 6])
        expect([zone, Number.isInteger(offsetAt(zone, Date.UTC(year, month, 15)) / 900_000)]).toEqual([zone, true]);
    }
  }
});

test("a zone that does not exist is known as such", () => {
  expect(["UTC", "Europe/Berlin", "+02:00"].map(isTimeZone)).toEqual([true, true, true]);
  expect(["", "Europe/Atlantis", "CEST+1", "+25:00"].map(isTimeZone)).toEqual([false, false, false, false]);
});

test("weeks begin on Monday, and days count across months and leap years", () => {
  expect([day("2026-11-23"), day("2026-11-29")].map(weekdayOf)).toEqual([0, 6]);
  expect(addDays(day("2028-02-28"), 1)).toEqual(day("2028-02-29"));
  expect(addDays(day("2026-01-01"), -1)).toEqual(day("2025-12-31"));
});

test("an instant is written as clocks show it, with their offset", () => {
  const shown = (zone: string, time: string) => zonedIso(zone, Date.parse(time));
  expect(shown("UTC", "2026-01-01T00:00:00Z")).toBe("2026-01-01T00:00:00+00:00");
  expect(shown("America/St_Johns", "2026-01-01T00:00:00Z")).toBe("2025-12-31T20:30:00-03:30");
  expect(shown("Europe/Berlin", "2026-03-29T01:00:00Z")).toBe("2026-03-29T03:00:00+02:00");
});
