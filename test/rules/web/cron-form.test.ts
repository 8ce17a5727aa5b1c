import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCron } from "../../../src/schedules/rules/cron.ts";
import { cronFault } from "../../../src/schedules/rules/cron-fault.ts";
import {
  type CronForm,
  cronOf,
  formOf,
  HOUR_STEPS,
  inWeekOrder,
  MINUTE_STEPS,
  turnedTo,
} from "../../../web/src/features/schedules/cron-form.ts";
import { expressionArb } from "../schedules/expression-arb.ts";

const minute = fc.nat({ max: 59 });
const hour = fc.nat({ max: 23 });
const anyForm: fc.Arbitrary<CronForm> = fc.oneof(
  fc.record({ every: fc.constant("minute" as const), step: fc.constantFrom(...MINUTE_STEPS) }),
  fc.record({ every: fc.constant("hour" as const), step: fc.constantFrom(...HOUR_STEPS), minute }),
  fc.record({ every: fc.constant("day" as const), hour, minute }),
  fc.record({
    every: fc.constant("week" as const),
    days: fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }).map(inWeekOrder),
    hour,
    minute,
  }),
  fc.record({
    every: fc.constant("month" as const),
    day: fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant("last" as const)),
    hour,
    minute,
  }),
);

describe("the form of a cron expression", () => {
  it("comes back as it was from the expression that it makes", () => {
    fc.assert(
      fc.property(anyForm, (form) => {
        expect(formOf(cronOf(form))).toEqual(form);
      }),
    );
  });

  it("makes expressions that the scheduler reads", () => {
    fc.assert(
      fc.property(anyForm, (form) => {
        expect(parseCron(cronOf(form)).expression).toBe(cronOf(form));
      }),
    );
  });

  it("means what the expression means that it was read from", () => {
    const times = (expression: string) => ({ ...parseCron(expression), expression: "" });
    fc.assert(
      fc.property(expressionArb({ own: true }), ({ text }) => {
        const form = formOf(text);
        if (form !== null) expect(times(cronOf(form))).toEqual(times(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["*/15 * * * *", { every: "minute", step: 15 }],
    ["@hourly", { every: "hour", step: 1, minute: 0 }],
    ["30 */6 * * *", { every: "hour", step: 6, minute: 30 }],
    ["0 9 ? * *", { every: "day", hour: 9, minute: 0 }],
    ["0 9 * * mon-fri", { every: "week", days: [1, 2, 3, 4, 5], hour: 9, minute: 0 }],
    ["0 9 * * 5-7", { every: "week", days: [5, 6, 0], hour: 9, minute: 0 }],
    ["5 0 L * *", { every: "month", day: "last", hour: 0, minute: 5 }],
  ])("of %s is found", (expression, form) => {
    expect(formOf(expression)).toEqual(form);
  });

  it.each(["*/7 * * * *", "0 9,17 * * *", "0 9 1 * 1", "0 9 * 6 *", "0 9 15W * *", "0 9 * * 5#2", "0 9 * *", "", "x"])(
    "of %j there is none",
    (expression) => {
      expect(formOf(expression)).toBeNull();
    },
  );

  it("keeps the time of day when the rhythm is changed", () => {
    const daily = formOf("30 14 * * *");
    expect(cronOf(turnedTo("week", daily))).toBe("30 14 * * 1");
    expect(cronOf(turnedTo("hour", daily))).toBe("30 * * * *");
  });
});

describe("an expression that is being typed", () => {
  it("is refused in the server's words without anybody being asked", () => {
    expect(cronFault("0 9")).toMatch(/has 2 fields instead of five. Write five fields/);
    expect(cronFault("30 2 30 2 *")).toMatch(/never fires/);
    expect(cronFault("0 9 * * MON")).toBeNull();
  });
});
