import fc from "fast-check";
import { expect, test } from "vitest";
import { coverRange, DAY_MS, QUARTER_MS, type Segment, toQuarters } from "../../../src/costs/rules/cover-range.ts";

const at = (iso: string) => Date.parse(iso);
const nothing = { day: new Set<number>(), month: new Set<number>() };
const shown = (segments: readonly Segment[]) =>
  segments.map(({ level, from, to }) => `${level} ${iso(from)} ${iso(to)}`);
const iso = (time: number) => new Date(time).toISOString().slice(0, 16);

test("a range of months reads months, one of days days, and the rest quarters", () => {
  const range = { from: at("2026-01-30T22:30Z"), to: at("2026-05-02T01:15Z") };
  expect(shown(coverRange(range, nothing))).toEqual([
    "quarter 2026-01-30T22:30 2026-01-31T00:00",
    "day 2026-01-31T00:00 2026-02-01T00:00",
    "month 2026-02-01T00:00 2026-05-01T00:00",
    "day 2026-05-01T00:00 2026-05-02T00:00",
    "quarter 2026-05-02T00:00 2026-05-02T01:15",
  ]);
});

test("days and months that are not folded are read by what they are made of", () => {
  const range = { from: at("2026-02-01T00:00Z"), to: at("2026-04-01T00:00Z") };
  const unfolded = { day: new Set([at("2026-03-30T00:00Z")]), month: new Set([at("2026-03-01T00:00Z")]) };
  expect(shown(coverRange(range, unfolded))).toEqual([
    "month 2026-02-01T00:00 2026-03-01T00:00",
    "day 2026-03-01T00:00 2026-03-30T00:00",
    "quarter 2026-03-30T00:00 2026-03-31T00:00",
    "day 2026-03-31T00:00 2026-04-01T00:00",
  ]);
});

test("a range within one day reads no more than its quarters", () => {
  expect(shown(coverRange({ from: at("2026-02-01T00:00Z"), to: at("2026-02-01T00:15Z") }, nothing))).toEqual([
    "quarter 2026-02-01T00:00 2026-02-01T00:15",
  ]);
  expect(coverRange({ from: 0, to: 0 }, nothing)).toEqual([]);
});

test("whatever the range and whatever is folded, the cover sums up to what its quarters do", () => {
  const begin = at("2025-11-01T00:00Z");
  const quarters = 150 * 96;
  const values = Array.from({ length: quarters }, (_, index) => (index * 7_919) % 101);
  const sums = [0];
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value);
  const sumOf = (from: number, to: number) =>
    (sums[(to - begin) / QUARTER_MS] ?? Number.NaN) - (sums[(from - begin) / QUARTER_MS] ?? Number.NaN);
  const days = Array.from({ length: 150 }, (_, index) => begin + index * DAY_MS);
  const months = days.filter((day) => new Date(day).getUTCDate() === 1);
  const index = fc.integer({ min: 0, max: quarters });

  fc.assert(
    fc.property(index, index, fc.subarray(days), fc.subarray(months), (one, other, unfoldedDays, unfoldedMonths) => {
      const range = { from: begin + Math.min(one, other) * QUARTER_MS, to: begin + Math.max(one, other) * QUARTER_MS };
      const unfolded = { day: new Set(unfoldedDays), month: new Set(unfoldedMonths) };
      const segments = coverRange(range, unfolded);
      expect(segments.reduce((sum, { from, to }) => sum + sumOf(from, to), 0)).toBe(sumOf(range.from, range.to));
      expect(segments.flatMap(({ from, to }) => [from, to]).slice(1, -1)).toEqual(
        segments.slice(1).flatMap(({ from }) => [from, from]),
      );
      for (const { level, from, to } of segments) {
        const beginsIn = (bucket: number) => from <= bucket && bucket < to;
        if (level === "day") expect(unfoldedDays.filter(beginsIn)).toEqual([]);
        if (level === "month") expect(unfoldedMonths.filter(beginsIn)).toEqual([]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a long range is few segments, however much history there is", () => {
  const segments = coverRange({ from: at("1970-01-01T00:00Z"), to: at("2026-11-22T10:15Z") }, nothing);
  expect(segments).toHaveLength(3);
});

test("ends between two quarters are moved out, and those on one stay", () => {
  expect(toQuarters({ from: 899_999, to: 900_001 })).toEqual({ from: 0, to: 1_800_000 });
  expect(toQuarters({ from: 900_000, to: 1_800_000 })).toEqual({ from: 900_000, to: 1_800_000 });
});
