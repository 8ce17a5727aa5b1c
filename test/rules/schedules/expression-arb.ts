import fc from "fast-check";

/** A date and time by the clock on the wall. `month` counts from 1. */
export interface LocalTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

/** A generated cron expression, and what it means, built beside the text and never read back from it. */
export interface Generated {
  text: string;
  matches(time: LocalTime): boolean;
  /** Whether minutes or hours were made with a star, so that no run is moved out of a gap. */
  wildcard: boolean;
}

interface Field<Value> {
  text: string;
  open: boolean;
  star: boolean;
  has(value: Value): boolean;
}

type Day = Pick<LocalTime, "year" | "month" | "day">;

/** Expressions with every kind of field. Dates that croner cannot read (`L-3`, `LW` in a list) come only with `own`. */
export function expressionArb({ own }: { own: boolean }): fc.Arbitrary<Generated> {
  const month = fc.oneof(
    { weight: 4, arbitrary: star<number>() },
    { weight: 1, arbitrary: list(numberItem(1, 12, MONTHS)) },
  );
  const date = fc.oneof(
    { weight: 2, arbitrary: star<Day>() },
    { weight: 1, arbitrary: list(fc.oneof(dayItem(1, 31, []), specialDate(own))) },
  );
  const weekday = fc.oneof(
    { weight: 2, arbitrary: star<Day>() },
    { weight: 1, arbitrary: list(fc.oneof(weekdayItem, specialWeekday)) },
  );
  return fc
    .tuple(clockField(0, 59), clockField(0, 23), date, month, weekday)
    .map(([minutes, hours, dates, months, weekdays]) => {
      // Asked of every minute of a walk, thousands of times a case.
      const onMinute = Array.from({ length: 60 }, (_, minute) => minutes.has(minute));
      const onHour = Array.from({ length: 24 }, (_, hour) => hours.has(hour));
      const days = new Map<number, boolean>();
      return {
        text: [minutes, hours, dates, months, weekdays].map((field) => field.text).join(" "),
        wildcard: minutes.star || hours.star,
        matches(time) {
          if (!onMinute[time.minute] || !onHour[time.hour] || !months.has(time.month)) return false;
          const key = (time.year * 12 + time.month) * 32 + time.day;
          const known =
            days.get(key) ??
            (dates.open ? weekdays.has(time) : dates.has(time) || (!weekdays.open && weekdays.has(time)));
          days.set(key, known);
          return known;
        },
      };
    });
}

const MONTHS = ["", "JAN", "feb", "Mar", "APR", "may", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "mon", "Tue", "WED", "THU", "FRI", "SAT"];

function star<Value>(): fc.Arbitrary<Field<Value>> {
  return fc.constant({ text: "*", open: true, star: true, has: () => true });
}

function list<Value>(item: fc.Arbitrary<Field<Value>>): fc.Arbitrary<Field<Value>> {
  return fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => ({
    text: items.map(({ text }) => text).join(","),
    open: false,
    star: false,
    has: (value) => items.some((each) => each.has(value)),
  }));
}

/** Minutes or hours, mostly few of them, so that single times meet changes of the clocks. */
function clockField(min: number, max: number): fc.Arbitrary<Field<number>> {
  const step = fc.integer({ min: 1, max: max + 1 }).map((by) => ({
    text: `*/${by}`,
    open: false,
    star: true,
    has: (value: number) => value % by === 0,
  }));
  return fc.oneof(
    // Few stars in minutes: they make thousands of runs a case, which all fall alike.
    { weight: max === 59 ? 1 : 4, arbitrary: star<number>() },
    { weight: 2, arbitrary: step },
    // The hours in which clocks are changed, in most of the world.
    { weight: 6, arbitrary: list(numberItem(min, Math.min(max, max === 23 ? 4 : 59), [])) },
    { weight: 6, arbitrary: list(numberItem(min, max, [])) },
  );
}

function numberItem(min: number, max: number, words: readonly string[]): fc.Arbitrary<Field<number>> {
  const number = fc.integer({ min, max });
  const write = (value: number, named: boolean) => (named && words[value]) || String(value);
  const single = fc.tuple(number, fc.boolean()).map(([value, named]) => ({
    text: write(value, named),
    open: false,
    star: false,
    has: (other: number) => other === value,
  }));
  const range = fc
    .tuple(number, number, fc.option(fc.integer({ min: 1, max: max === 7 ? 7 : max - min + 1 })), fc.boolean())
    .map(([one, other, step, names]) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      // SUN-SUN is one day here and the whole week for croner.
      const named = names && low < high;
      return {
        text: `${write(low, named)}-${write(high, named)}${step === null ? "" : `/${step}`}`,
        open: false,
        star: false,
        has: (value: number) => value >= low && value <= high && (value - low) % (step ?? 1) === 0,
      };
    });
  return fc.oneof(single, single, range);
}

function dayItem(min: number, max: number, names: readonly string[]): fc.Arbitrary<Field<Day>> {
  return numberItem(min, max, names).map((field) => ({ ...field, has: ({ day }) => field.has(day) }));
}

/** 0 to 7, where a Sunday is both. */
const weekdayItem: fc.Arbitrary<Field<Day>> = fc
  .oneof(numberItem(0, 6, WEEKDAYS), numberItem(0, 7, []))
  .map((field) => ({
    ...field,
    has(day) {
      const weekday = weekdayOf(day);
      return field.has(weekday) || (weekday === 0 && field.has(7));
    },
  }));

function specialDate(own: boolean): fc.Arbitrary<Field<Day>> {
  const last = fc.constant({ text: "L", open: false, star: false, has: (day: Day) => day.day === lengthOf(day) });
  const lastWeekday = fc.constant({
    text: "LW",
    open: false,
    star: false,
    has: (day: Day) => day.day === weekdaysOf(day).at(-1),
  });
  const nearest = fc.integer({ min: 1, max: 31 }).map((near) => ({
    text: `${near}W`,
    open: false,
    star: false,
    has(day: Day) {
      if (near > lengthOf(day)) return false;
      const [closest] = weekdaysOf(day).toSorted((a, b) => Math.abs(a - near) - Math.abs(b - near));
      return day.day === closest;
    },
  }));
  const before = fc.integer({ min: 1, max: 27 }).map((back) => ({
    text: `L-${back}`,
    open: false,
    star: false,
    has: (day: Day) => day.day === lengthOf(day) - back,
  }));
  return own ? fc.oneof(last, lastWeekday, nearest, before) : fc.oneof(last, nearest);
}

const specialWeekday: fc.Arbitrary<Field<Day>> = fc
  .tuple(fc.integer({ min: 0, max: 6 }), fc.constantFrom("#1", "#2", "#3", "#4", "#5", "L"))
  .map(([weekday, which]) => ({
    text: `${weekday}${which}`,
    open: false,
    star: false,
    has(day) {
      const same = daysOf(day).filter((other) => weekdayOf({ ...day, day: other }) === weekday);
      return day.day === (which === "L" ? same.at(-1) : same[Number(which.slice(1)) - 1]);
    },
  }));

function lengthOf({ year, month }: Day): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function weekdayOf({ year, month, day }: Day): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}

function daysOf(day: Day): number[] {
  return Array.from({ length: lengthOf(day) }, (_, index) => index + 1);
}

function weekdaysOf(day: Day): number[] {
  return daysOf(day).filter((other) => ![0, 6].includes(weekdayOf({ ...day, day: other })));
}
