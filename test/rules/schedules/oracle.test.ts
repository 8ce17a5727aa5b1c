import { Cron as Croner } from "croner";
import fc from "fast-check";
import { expect, it } from "vitest";
import { isoTime } from "../../../src/core/clock.ts";
import { DomainError } from "../../../src/core/errors.ts";
import { parseCron } from "../../../src/schedules/rules/cron.ts";
import { missedRuns, nextRun } from "../../../src/schedules/rules/next-run.ts";
import { expressionArb } from "./expression-arb.ts";
import { walk, windowOf } from "./oracle.ts";

/** Days around changes of the clocks, a year's end and a 29 February, each after a day that leads in. */
const WINDOWS = [
  windowOf("America/New_York", "2026-03-06", 4),
  windowOf("America/New_York", "2026-10-30", 4),
  windowOf("Europe/London", "2026-03-27", 4),
  windowOf("Europe/London", "2026-10-23", 4),
  windowOf("Australia/Lord_Howe", "2026-10-01", 4),
  windowOf("Australia/Lord_Howe", "2026-04-02", 4),
  windowOf("Asia/Tokyo", "2026-12-29", 4),
  windowOf("Europe/London", "2028-02-26", 6),
  windowOf("America/Santiago", "2026-09-03", 4),
  windowOf("America/Santiago", "2026-04-02", 4),
  windowOf("Asia/Beirut", "2026-03-27", 4),
  windowOf("Pacific/Apia", "2011-12-28", 4),
];

const dstArb = fc.record({
  gap: fc.constantFrom("shift" as const, "skip" as const),
  overlap: fc.constantFrom("first" as const, "both" as const),
});

it("finds the runs that a walk through every minute finds, around all kinds of clock changes", {
  timeout: 60_000,
}, () => {
  let compared = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...WINDOWS),
      expressionArb({ own: true }),
      dstArb,
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.integer({ min: 0, max: 60 * 86_400_000 }),
      (window, expression, dst, part, earlier) => {
        const after = window.start + Math.floor(part * (window.end - window.start));
        const cron = parsed(expression.text);
        if (cron === null) return;
        const where = { timezone: window.timezone, dst };
        const expected = walk(expression, dst, window, after);
        const runs = missedRuns(cron, where, after, window.end - 1, 10_000);
        expect(firstDifference(runs, expected, window.timezone)).toBeNull();
        // Coming from weeks before must lead to the same run, whatever lies between.
        const first = nextRun(cron, where, after - earlier);
        if (first !== null && first > after && first < window.end) expect(first).toBe(expected[0]);
        compared += expected.length;
      },
    ),
    { numRuns: 10_000 },
  );
  // A generator that only made expressions without a run in these days would prove nothing.
  expect(compared).toBeGreaterThan(100_000);
});

it("agrees with another implementation on where runs fall in the years to come", () => {
  fc.assert(
    fc.property(
      expressionArb({ own: false }),
      fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2060, 0) }),
      (expression, after) => {
        const cron = parsed(expression.text);
        const croner = new Croner(expression.text, {
          mode: "5-part",
          sloppyRanges: true,
          timezone: "UTC",
          paused: true,
        });
        const theirs = croner.nextRun(new Date(after));
        const ours = cron && nextRun(cron, { timezone: "Etc/UTC", dst: { gap: "skip", overlap: "both" } }, after);
        expect(ours).toBe(theirs === null ? null : theirs.getTime());
      },
    ),
    { numRuns: 2_000 },
  );
});

/** Thousands of runs a case are compared: a matcher's deep equality would take most of the time. */
function firstDifference(runs: readonly number[], expected: readonly number[], timezone: string): string | null {
  for (let index = 0; index < Math.max(runs.length, expected.length); index += 1) {
    const [run, due] = [runs[index], expected[index]];
    if (run !== due)
      return `${timezone}: ${run === undefined ? "nothing" : isoTime(run)} instead of ${due === undefined ? "nothing" : isoTime(due)}`;
  }
  return null;
}

/** `null` for what can never fire, which generated days and months may well do. */
function parsed(text: string) {
  try {
    return parseCron(text);
  } catch (error) {
    if (error instanceof DomainError && error.message.includes("never fires")) return null;
    throw error;
  }
}
