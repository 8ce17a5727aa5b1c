import { expect, test } from "vitest";
import { DomainError } from "../../../src/core/errors.ts";
import { rangeOf, requireFewBuckets } from "../../../src/costs/rules/asked-range.ts";

const NOW = Date.parse("2026-11-01T03:37:00Z");
const iso = (time: number) => new Date(time).toISOString().slice(0, 16);

function range(startDate: string | undefined, endDate: string | undefined, timezone = "UTC"): string {
  const { from, to } = rangeOf({ startDate, endDate, timezone }, NOW);
  return `${iso(from)} ${iso(to)}`;
}

function refused(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError) return [error.code, error.details[0]?.path, error.message];
    throw error;
  }
  return "accepted";
}

test.each([
  ["2026-01-31", "2026-01-31", "UTC", "2026-01-31T00:00 2026-02-01T00:00"],
  ["2026-03-29", "2026-03-29", "Europe/Berlin", "2026-03-28T23:00 2026-03-29T22:00"],
  ["2026-01-01T10:00:00Z", "2026-01-01T13:00:00Z", "UTC", "2026-01-01T10:00 2026-01-01T13:00"],
  ["2026-01-01T10:07:00+02:00", "2026-01-01T13:00:00.001Z", "UTC", "2026-01-01T08:00 2026-01-01T13:15"],
  ["2026-01-01", "2026-01-01", "Asia/Kathmandu", "2025-12-31T18:15 2026-01-01T18:15"],
])("%s to %s in %s is %s", (startDate, endDate, timezone, expected) => {
  expect(range(startDate, endDate, timezone)).toBe(expected);
});

test("without dates it is the last thirty days of the zone, today included", () => {
  expect(range(undefined, undefined)).toBe("2026-10-03T00:00 2026-11-02T00:00");
  expect(range(undefined, undefined, "America/New_York")).toBe("2026-10-02T04:00 2026-11-01T04:00");
  expect(range(undefined, "2026-01-30")).toBe("2026-01-01T00:00 2026-01-31T00:00");
  expect(range("2026-10-31", undefined)).toBe("2026-10-31T00:00 2026-11-02T00:00");
});

test.each([
  ["2026-02-02", "2026-02-01", "UTC", "startDate"],
  ["2026-02-02T00:00:00Z", "2026-02-02T00:00:00Z", "UTC", "startDate"],
  ["2027-01-01", undefined, "UTC", "startDate"],
  ["1969-12-31", "2026-02-01", "UTC", "startDate"],
  ["1970-01-01T00:00:00+14:00", "2026-02-01", "UTC", "startDate"],
  ["0001-01-01", "0001-01-02", "UTC", "startDate"],
  ["2026-01-01", "2026-02-01", "Europe/Atlantis", "timezone"],
  ["2026-01-01", "2026-02-01", "", "timezone"],
])("%s to %s in %s is refused, naming %s", (startDate, endDate, timezone, path) => {
  expect(refused(() => range(startDate, endDate, timezone))).toEqual(["invalid_fields", path, expect.any(String)]);
});

test("a range by hour is bounded by 400 days, of 23 and 25 hours too, and the refusal says so", () => {
  const check = (endDate: string, timezone: string) =>
    refused(() => requireFewBuckets(rangeOf({ startDate: "2025-10-01", endDate, timezone }, NOW), "hour"));
  expect(check("2026-11-04", "UTC")).toBe("accepted");
  expect(check("2026-11-04", "Europe/Berlin")).toBe("accepted");
  expect(check("2026-11-05", "UTC")).toEqual(["invalid_fields", "startDate", expect.stringContaining("400 days")]);
  expect(check("2026-11-05T03:00:00Z", "UTC")).toEqual(["invalid_fields", "startDate", expect.any(String)]);
  expect(check("2026-11-05", "Europe/Berlin")).toEqual(["invalid_fields", "startDate", expect.any(String)]);
});
