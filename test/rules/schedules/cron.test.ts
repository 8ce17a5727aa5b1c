import { expect, it } from "vitest";
import { DomainError } from "../../../src/core/errors.ts";
import { parseCron } from "../../../src/schedules/rules/cron.ts";
import { describe as inWords } from "../../../src/schedules/rules/describe.ts";
import { nextRuns } from "../../../src/schedules/rules/next-run.ts";

const DST = { gap: "skip", overlap: "both" } as const;

function runs(expression: string, from: string, count: number, timezone = "UTC"): string[] {
  const found = nextRuns(parseCron(expression), { timezone, dst: DST }, Date.parse(from), count);
  return found.map(({ at }) => new Date(at).toISOString().slice(0, 16));
}

function refusal(expression: string): DomainError {
  try {
    parseCron(expression);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error(`"${expression}" was taken`);
}

it.each([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  [" @Annually ", "0 0 1 1 *"],
  ["  0\t9  * * mon-fri ", "0 9 * * MON-FRI"],
])("reads %j as %s", (written, expression) => {
  expect(parseCron(written).expression).toBe(expression);
});

it.each([
  ["0 9 * * 0", "2026-01-01", ["2026-01-04T09:00", "2026-01-11T09:00"]],
  ["0 9 * * 7", "2026-01-01", ["2026-01-04T09:00", "2026-01-11T09:00"]],
  ["0 9 * * 5-7", "2026-01-01", ["2026-01-02T09:00", "2026-01-03T09:00", "2026-01-04T09:00", "2026-01-09T09:00"]],
  ["0 9 * * SAT-SUN", "2026-01-01", ["2026-01-03T09:00", "2026-01-04T09:00", "2026-01-10T09:00"]],
  ["0 0 * * */5", "2026-01-01", ["2026-01-02T00:00", "2026-01-04T00:00", "2026-01-09T00:00"]],
  ["0 0 * * 1/3", "2026-01-01", ["2026-01-05T00:00", "2026-01-08T00:00", "2026-01-12T00:00"]],
  ["5/25 0 * * ?", "2026-01-01", ["2026-01-01T00:05", "2026-01-01T00:30", "2026-01-01T00:55", "2026-01-02T00:05"]],
  ["59 23 31 12 *", "2026-06-01", ["2026-12-31T23:59", "2027-12-31T23:59"]],
  ["0 0 1 1 *", "2026-12-31T23:59:59.999Z", ["2027-01-01T00:00", "2028-01-01T00:00"]],
  ["*/30 * * * *", "2026-12-31T23:00Z", ["2026-12-31T23:30", "2027-01-01T00:00", "2027-01-01T00:30"]],
  ["0 12 29 2 *", "2026-01-01", ["2028-02-29T12:00", "2032-02-29T12:00"]],
  ["0 12 29 2 *", "2096-03-01", ["2104-02-29T12:00"]],
  // A fifth Monday of February is a 29th: 28 years apart, 40 over a century without a leap year.
  ["0 0 ? 2 MON#5", "2024-03-01", ["2044-02-29T00:00", "2072-02-29T00:00", "2112-02-29T00:00"]],
  ["0 17 * * 5L", "2026-01-01", ["2026-01-30T17:00", "2026-02-27T17:00", "2026-03-27T17:00"]],
  ["0 17 * * FRI#2,MON#1", "2026-01-01", ["2026-01-05T17:00", "2026-01-09T17:00", "2026-02-02T17:00"]],
  ["0 0 L * *", "2028-01-31", ["2028-02-29T00:00", "2028-03-31T00:00", "2028-04-30T00:00"]],
  ["0 0 L-1 2 *", "2027-01-01", ["2027-02-27T00:00", "2028-02-28T00:00"]],
  ["0 0 LW * *", "2026-01-01", ["2026-01-30T00:00", "2026-02-27T00:00", "2026-03-31T00:00"]],
  // The 15th of February and March 2026 are Sundays, the 1st of August a Saturday, the 31st of May a Sunday.
  ["0 0 15W 2,3 *", "2026-01-01", ["2026-02-16T00:00", "2026-03-16T00:00"]],
  ["0 0 1W 8 *", "2026-01-01", ["2026-08-03T00:00"]],
  ["0 0 31W * *", "2026-04-01", ["2026-05-29T00:00", "2026-07-31T00:00"]],
  ["0 0 13 * 5", "2026-03-01", ["2026-03-06T00:00", "2026-03-13T00:00", "2026-03-20T00:00", "2026-03-27T00:00"]],
  // A star with a step restricts: either field is enough, as with any other two.
  [
    "0 0 */10 * SUN",
    "2026-01-01T12:00Z",
    ["2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00", "2026-01-21T00:00"],
  ],
] as const)("runs %s after %s at the right times", (expression, from, expected) => {
  expect(runs(expression, from, expected.length)).toEqual(expected);
});

it("never gives the moment that it is asked about", () => {
  expect(runs("0 9 * * *", "2026-01-01T09:00:00.000Z", 1)).toEqual(["2026-01-02T09:00"]);
  expect(runs("0 9 * * *", "2026-01-01T08:59:59.999Z", 1)).toEqual(["2026-01-01T09:00"]);
});

it.each([
  ["", "0 fields instead of five"],
  ["* * * *", "4 fields instead of five"],
  [
    "0 0 9 * * 1",
    'Seconds are not supported: a schedule runs once a minute at most. Leave the seconds out: "0 9 * * 1"',
  ],
  ["0 0 9 * * 1 2030", "7 fields instead of five"],
  ["@reboot", "no alias"],
  ["60 * * * *", 'minute cannot be "60". It takes 0 to 59'],
  ["* 24 * * *", 'hour cannot be "24"'],
  ["* * 0 * *", 'day of the month cannot be "0"'],
  ["* * * 13 *", 'month cannot be "13". It takes 1 to 12 or a name such as FEB'],
  ["* * * * 8", 'day of the week cannot be "8"'],
  ["* * * * FRIDAY", 'cannot be "FRIDAY"'],
  ["* * * * L", 'cannot be "L"'],
  ["* * * * 5#6", "count after #"],
  ["* * * * 5#L", "count after #"],
  ["* * 10-12W * *", 'cannot be "12W"'],
  ["* * L-31 * *", "days before the last"],
  ["* 22-2 * * *", "Write two ranges: 22-23,0-2"],
  ["*/90 * * * *", 'The step "/90" of the minute is not one from 1 to 60'],
  ["*/0 * * * *", "is not one from 1 to 60"],
  ["*/ * * * *", "is not one from 1 to 60"],
  ["1/2/3 * * * *", "two steps"],
  ["1-2-3 * * * *", "no range"],
  ["/5 * * * *", 'minute cannot be ""'],
  ["1,,2 * * * *", 'minute cannot be ""'],
  ["-5 * * * *", 'minute cannot be ""'],
  ["1.5 * * * *", 'cannot be "1.5"'],
  ["?/5 * * * *", 'cannot be "?"'],
  ["٣ * * * *", 'cannot be "٣"'],
  ["30 2 30 2 *", "never fires"],
  ["0 0 31 4,6,9,11 *", "never fires"],
  ["0 0 31W 2 *", "never fires"],
  [`${"1,".repeat(100)}1 * * * *`, "longer than 200 characters"],
])("refuses %j, telling what is wrong", (expression, told) => {
  const error = refusal(expression);
  expect(error.code).toBe("schedule_invalid");
  expect(error.message).toContain(told);
  expect(error.details).toEqual([{ path: "cronExpression", message: expect.any(String) }]);
});

it.each([
  ["0 * * * *", "Every hour"],
  ["*/5 * * * *", "Every 5 minutes"],
  ["0 9 * * *", "At 09:00"],
  ["0 21 * * MON-FRI", "At 21:00, on Monday to Friday"],
  ["0 9 * * 6,7", "At 09:00, on Saturday and Sunday"],
  ["0 0 1 * *", "At 00:00, on day 1 of the month"],
  ["0 0 1,15-20 3-5 *", "At 00:00, on day 1 and 15 to 20 of the month, in March to May"],
  ["0 0 13 * 5", "At 00:00, on day 13 of the month or on Friday"],
  ["30 2 29 2 *", "At 02:30, on day 29 of the month, in February"],
  [
    "0 9 L,L-1,LW * *",
    "At 09:00, on the last day, the day before the last and the last weekday (Monday to Friday) of the month",
  ],
  ["0 9 1W,15W * *", "At 09:00, on the weekday nearest day 1 and the weekday nearest day 15 of the month"],
  ["0 9 * * 5L", "At 09:00, on the last Friday of the month"],
  ["0 9 * * 2#1,MON", "At 09:00, on Monday and the first Tuesday of the month"],
  ["0 9 */2 * *", "At 09:00, on every 2nd day from 1 to 31 of the month"],
])("says what %s means", (expression, words) => {
  expect(inWords(parseCron(expression), "Europe/London")).toBe(`${words} (Europe/London)`);
});
