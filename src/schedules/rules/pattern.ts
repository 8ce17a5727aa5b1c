/** A cron expression, read and checked: when it fires by the clock on the wall, wherever that hangs. */
export interface Cron {
  /** Five fields, one space between, in capitals, an alias written out. */
  readonly expression: string;
  /** Ascending, 0 to 59. */
  readonly minutes: readonly number[];
  /** Ascending, 0 to 23. */
  readonly hours: readonly number[];
  /** Ascending, 1 to 12. */
  readonly months: readonly number[];
  /** `null` when the field is `*` or `?`. */
  readonly dates: Dates | null;
  /** `null` when the field is `*` or `?`. With both fields given, either is enough for a day to match. */
  readonly weekdays: Weekdays | null;
  /** Minutes that repeat by a star or an open step: `*`, a star with a step, `5/15`. */
  readonly everyMinutes: boolean;
  /** The same of hours. */
  readonly everyHours: boolean;
}

/** The field of the day of the month. */
export interface Dates {
  /** Ascending, 1 to 31. */
  readonly days: readonly number[];
  /** Counted back from the month's end: 0 for `L`, 3 for `L-3`. */
  readonly beforeEnd: readonly number[];
  /** `15W`: the weekday (Monday to Friday) nearest the 15th, within its month; nothing in a month without that day. */
  readonly nearest: readonly number[];
  /** `LW`: the last Monday-to-Friday of the month. */
  readonly lastWeekday: boolean;
}

/** The field of the day of the week. 0 is Sunday, 6 Saturday. */
export interface Weekdays {
  /** Ascending. */
  readonly days: readonly number[];
  /** `5#2`: the second Friday of the month. */
  readonly nth: readonly { readonly day: number; readonly nth: number }[];
  /** `5L`: the last Friday of the month. */
  readonly last: readonly number[];
}
