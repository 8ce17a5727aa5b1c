import { describe, expect, it } from "vitest";
import { type Day, runsOfDays } from "../../../src/schedules/rules/runs-of-days.ts";
import type { Timing } from "../../../src/schedules/rules/timing.ts";

const timing = (cronExpression: string, over: Partial<Timing> = {}): Timing => ({
  cronExpression,
  timezone: "UTC",
  dst: { gap: null, overlap: null },
  startAt: null,
  endAt: null,
  ...over,
});

/** The days from 1 to 7 March 2027, UTC. */
const WEEK: Day[] = Array.from({ length: 7 }, (_, place) => {
  const from = Date.UTC(2027, 2, 1 + place);
  return { date: new Date(from).toISOString().slice(0, 10), from, until: from + 86_400_000 };
});

const inShort = (...given: Parameters<typeof runsOfDays>) =>
  runsOfDays(...given).map(({ date, runs, more }) => [
    date.slice(8),
    runs.map((at) => new Date(at).toISOString().slice(11, 16)),
    ...(more ? ["more"] : []),
  ]);

describe("the runs of days to come", () => {
  it("are told for the days that have any", () => {
    expect(inShort(timing("0 9,17 * * 3,5"), WEEK, 24)).toEqual([
      ["03", ["09:00", "17:00"]],
      ["05", ["09:00", "17:00"]],
    ]);
  });

  it("end at so many a day, and say that there are more, on each day anew", () => {
    expect(inShort(timing("* * * * *"), WEEK.slice(0, 2), 2)).toEqual([
      ["01", ["00:00", "00:01"], "more"],
      ["02", ["00:00", "00:01"], "more"],
    ]);
    expect(inShort(timing("0 */12 * * *"), WEEK.slice(0, 1), 2)).toEqual([["01", ["00:00", "12:00"]]]);
  });

  it("keep within the schedule's first and last moment, both included", () => {
    const bounds = { startAt: Date.UTC(2027, 2, 2, 9), endAt: Date.UTC(2027, 2, 4, 9) };
    expect(inShort(timing("0 9 * * *", bounds), WEEK, 24).map(([day]) => day)).toEqual(["02", "03", "04"]);
  });

  it("are found by the schedule's own clock and told for the days that were asked for", () => {
    expect(inShort(timing("0 20 * * 1", { timezone: "America/New_York" }), WEEK, 24)).toEqual([["02", ["01:00"]]]);
  });
});
