import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DueSchedule, MAX_CAUGHT_UP, ON_TIME_MS, planDue } from "../../../src/schedules/rules/plan-due.ts";
import { latestRuns, nextRunOf } from "../../../src/schedules/rules/timing.ts";

const at = (text: string) => Date.parse(`2027-03-01T${text}Z`);
const MINUTE = 60_000;

function due(over: Partial<DueSchedule> = {}): DueSchedule {
  return {
    id: "schedule",
    cronExpression: "*/5 * * * *",
    timezone: "UTC",
    dst: { gap: null, overlap: null },
    startAt: null,
    endAt: null,
    nextRunAt: at("10:05:00"),
    overlap: "skip",
    catchUp: "once",
    jitterSeconds: 0,
    ...over,
  };
}

describe("what is done about a schedule that has come due", () => {
  test("a run that is late by less than the grace is on time, whatever catchUp says", () => {
    for (const catchUp of ["skip", "once", "all"] as const) {
      const plan = planDue(due({ catchUp }), at("10:05:00") + ON_TIME_MS - 1);
      expect(
        plan.runs.map(({ status, note }) => [status, note]),
        catchUp,
      ).toEqual([["pending", null]]);
      expect(plan.nextRunAt).toBe(at("10:10:00"));
    }
  });

  test("one that was missed alone is left out, made up for, or made up for", () => {
    const hourly = { cronExpression: "0 * * * *", nextRunAt: at("10:00:00") };
    const shown = (catchUp: DueSchedule["catchUp"]) =>
      planDue(due({ ...hourly, catchUp }), at("10:30:00")).runs.map(({ status, dueAt }) => [status, dueAt]);
    expect(shown("skip")).toEqual([["missed", null]]);
    expect(shown("once")).toEqual([["pending", at("10:30:00")]]);
    expect(shown("all")).toEqual([["pending", at("10:00:00")]]);
  });

  test("times behind endAt are none of its runs, and behind the last of them it has ended", () => {
    const plan = planDue(due({ catchUp: "all", endAt: at("10:16:00") }), at("12:00:00"));
    expect(plan.runs.map((run) => run.scheduledFor)).toEqual([at("10:05:00"), at("10:10:00"), at("10:15:00")]);
    expect(plan.nextRunAt).toBeNull();
  });

  test("jitter moves the start and not the time that stands in the history", () => {
    const { runs, nextRunAt } = planDue(due({ jitterSeconds: 240 }), at("10:05:01"));
    const [run] = runs;
    expect(run?.scheduledFor).toBe(at("10:05:00"));
    expect((run?.dueAt ?? 0) - at("10:05:00")).toBeGreaterThan(0);
    expect((run?.dueAt ?? 0) - at("10:05:00")).toBeLessThanOrEqual(240_000);
    expect(nextRunAt).toBe(at("10:10:00"));
  });

  test("years of missed minutes are planned at once, and only the newest hundred are made up for", () => {
    const minutely = due({ cronExpression: "* * * * *", catchUp: "all", nextRunAt: Date.UTC(2020, 0, 1) });
    const begun = performance.now();
    const { runs } = planDue(minutely, at("10:00:30"));
    expect(performance.now() - begun).toBeLessThan(500);
    expect(runs.filter(({ status }) => status === "pending")).toHaveLength(MAX_CAUGHT_UP + 1);
    expect(runs[0]).toMatchObject({ status: "missed", scheduledFor: Date.UTC(2020, 0, 1) });
  });

  test("whenever the dispatcher wakes, each time is planned once at most, and the next run follows the last of them", () => {
    const expression = fc.constantFrom(
      "* * * * *",
      "*/5 * * * *",
      "7,52 */2 * * *",
      "0 9 * * 1-5",
      "30 2 * * *",
      "0 0 L * *",
    );
    const zone = fc.constantFrom("UTC", "America/New_York", "Australia/Lord_Howe");
    const wakes = fc.array(fc.integer({ min: 1, max: 3 * 24 * 60 }), { minLength: 2, maxLength: 12 });
    const catchUp = fc.constantFrom("skip" as const, "once" as const, "all" as const);
    fc.assert(
      fc.property(expression, zone, wakes, catchUp, (cronExpression, timezone, pauses, policy) => {
        const start = Date.UTC(2027, 2, 10);
        let schedule = due({ cronExpression, timezone, catchUp: policy });
        schedule = { ...schedule, nextRunAt: nextRunOf(schedule, start) ?? Number.NaN };
        const seen = new Set<number>();
        let now = start;
        for (const pause of pauses) {
          now += pause * MINUTE;
          if (schedule.nextRunAt > now) continue;
          const plan = planDue(schedule, now);
          expect(plan.runs.length).toBeGreaterThan(0);
          for (const run of plan.runs) {
            expect(seen.has(run.scheduledFor)).toBe(false);
            seen.add(run.scheduledFor);
            expect(run.scheduledFor).toBeLessThanOrEqual(now);
          }
          // Nothing lies between what has passed and what comes next.
          expect(plan.nextRunAt).toBe(nextRunOf(schedule, now));
          schedule = { ...schedule, nextRunAt: plan.nextRunAt ?? Number.NaN };
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("the latest runs of a stretch of time", () => {
  const timing = { timezone: "UTC", dst: { gap: null, overlap: null }, startAt: null, endAt: null };

  test("are found however long ago they were, oldest first, with both ends of the stretch", () => {
    const weekly = { ...timing, cronExpression: "0 0 * * 0" };
    const runs = latestRuns(weekly, Date.UTC(2020, 0, 5), Date.UTC(2027, 1, 28), 3);
    expect(runs).toEqual([Date.UTC(2027, 1, 14), Date.UTC(2027, 1, 21), Date.UTC(2027, 1, 28)]);
    expect(latestRuns(weekly, Date.UTC(2027, 1, 21), Date.UTC(2027, 1, 28), 5)).toHaveLength(2);
  });

  test("are the latest also where they come in bursts", () => {
    const newYear = { ...timing, cronExpression: "* * 1 1 *" };
    const runs = latestRuns(newYear, Date.UTC(2020, 0, 1), Date.UTC(2026, 11, 1), 2_000);
    expect([runs.length, runs.at(-1)]).toEqual([2_000, Date.UTC(2026, 0, 1, 23, 59)]);
  });
});
