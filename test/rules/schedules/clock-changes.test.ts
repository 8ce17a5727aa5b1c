import { describe, expect, it } from "vitest";
import { DomainError } from "../../../src/core/errors.ts";
import { parseCron } from "../../../src/schedules/rules/cron.ts";
import { jittered } from "../../../src/schedules/rules/jitter.ts";
import { type Dst, defaultDst, missedRuns, nextRun, nextRuns } from "../../../src/schedules/rules/next-run.ts";
import { assertTimezone, zoneOf } from "../../../src/schedules/rules/timezone.ts";

interface Case {
  in: string;
  cron: string;
  dst?: Dst;
  after: string;
  runs: string[];
}

const SKIP_FIRST: Dst = { gap: "skip", overlap: "first" };
const SKIP_BOTH: Dst = { gap: "skip", overlap: "both" };

function preview({ in: timezone, cron, dst, after }: Omit<Case, "runs">, count: number) {
  const parsed = parseCron(cron);
  return nextRuns(parsed, { timezone, dst: dst ?? defaultDst(parsed) }, Date.parse(after), count);
}

const times = (runs: readonly { at: number }[]) => runs.map(({ at }) => new Date(at).toISOString().slice(5, 16));

/** Without `dst`, the default of the expression. */
const SPRING: Case[] = [
  { in: "America/New_York", cron: "30 2 * * *", after: "2026-03-07T12:00Z", runs: ["03-08T07:00", "03-09T06:30"] },
  { in: "America/New_York", cron: "30 2 * * *", dst: SKIP_FIRST, after: "2026-03-07T12:00Z", runs: ["03-09T06:30"] },
  {
    in: "America/New_York",
    cron: "0,30 2,3 * * *",
    after: "2026-03-08T06:00Z",
    runs: ["03-08T07:00", "03-08T07:30", "03-09T06:00"],
  },
  // A star in the minutes makes it go by the clock, as one in the hours does.
  { in: "America/New_York", cron: "*/20 2 * * *", after: "2026-03-08T06:00Z", runs: ["03-09T06:00", "03-09T06:20"] },
  {
    in: "America/New_York",
    cron: "30 * * * *",
    after: "2026-03-08T06:00Z",
    runs: ["03-08T06:30", "03-08T07:30", "03-08T08:30"],
  },
  {
    in: "America/New_York",
    cron: "*/30 * * * *",
    after: "2026-03-08T06:15Z",
    runs: ["03-08T06:30", "03-08T07:00", "03-08T07:30"],
  },
  { in: "Europe/London", cron: "15 1 * * *", after: "2026-03-28T12:00Z", runs: ["03-29T01:00", "03-30T00:15"] },
  {
    in: "Europe/London",
    cron: "15 1 29 3 *",
    dst: SKIP_FIRST,
    after: "2026-01-01T00:00Z",
    runs: ["03-29T00:15", "03-29T00:15"],
  },
  { in: "Australia/Lord_Howe", cron: "15 2 * * *", after: "2026-10-03T00:00Z", runs: ["10-03T15:30", "10-04T15:15"] },
  { in: "Australia/Lord_Howe", cron: "30 2 * * *", after: "2026-10-03T00:00Z", runs: ["10-03T15:30", "10-04T15:30"] },
  { in: "America/Santiago", cron: "0 0 * * *", after: "2026-09-05T12:00Z", runs: ["09-06T04:00", "09-07T03:00"] },
  { in: "Asia/Beirut", cron: "@daily", after: "2026-03-28T12:00Z", runs: ["03-28T22:00", "03-29T21:00"] },
  {
    in: "Pacific/Apia",
    cron: "0 9 * * *",
    after: "2011-12-29T12:00Z",
    runs: ["12-29T19:00", "12-30T10:00", "12-30T19:00"],
  },
  {
    in: "Pacific/Apia",
    cron: "0 9 * * *",
    dst: SKIP_FIRST,
    after: "2011-12-29T12:00Z",
    runs: ["12-29T19:00", "12-30T19:00"],
  },
  { in: "Asia/Tokyo", cron: "30 2 * * *", after: "2026-03-07T12:00Z", runs: ["03-07T17:30", "03-08T17:30"] },
];

const AUTUMN: Case[] = [
  { in: "America/New_York", cron: "30 1 * * *", after: "2026-10-31T12:00Z", runs: ["11-01T05:30", "11-02T06:30"] },
  {
    in: "America/New_York",
    cron: "30 1 * * *",
    dst: SKIP_BOTH,
    after: "2026-10-31T12:00Z",
    runs: ["11-01T05:30", "11-01T06:30", "11-02T06:30"],
  },
  { in: "America/New_York", cron: "30 1 * * *", after: "2026-11-01T05:30Z", runs: ["11-02T06:30"] },
  { in: "America/New_York", cron: "0 2 * * *", after: "2026-10-31T12:00Z", runs: ["11-01T07:00", "11-02T07:00"] },
  {
    in: "America/New_York",
    cron: "0 * * * *",
    after: "2026-11-01T04:00Z",
    runs: ["11-01T05:00", "11-01T06:00", "11-01T07:00"],
  },
  {
    in: "America/New_York",
    cron: "0 * * * *",
    dst: SKIP_FIRST,
    after: "2026-11-01T04:00Z",
    runs: ["11-01T05:00", "11-01T07:00"],
  },
  {
    in: "America/New_York",
    cron: "*/30 1 * * *",
    after: "2026-11-01T04:30Z",
    runs: ["11-01T05:00", "11-01T05:30", "11-01T06:00", "11-01T06:30"],
  },
  { in: "Europe/London", cron: "30 1 * * *", after: "2026-10-24T12:00Z", runs: ["10-25T00:30", "10-26T01:30"] },
  {
    in: "Europe/London",
    cron: "0 1 * * 0",
    dst: SKIP_BOTH,
    after: "2026-10-24T12:00Z",
    runs: ["10-25T00:00", "10-25T01:00", "11-01T01:00"],
  },
  { in: "Australia/Lord_Howe", cron: "45 1 * * *", after: "2026-04-04T00:00Z", runs: ["04-04T14:45", "04-05T15:15"] },
  {
    in: "Australia/Lord_Howe",
    cron: "15 * * * *",
    after: "2026-04-04T14:00Z",
    runs: ["04-04T14:15", "04-04T15:45", "04-04T16:45"],
  },
  {
    in: "Australia/Lord_Howe",
    cron: "45 * * * *",
    after: "2026-04-04T14:00Z",
    runs: ["04-04T14:45", "04-04T15:15", "04-04T16:15"],
  },
  { in: "Asia/Tokyo", cron: "0 0 1 1 *", after: "2026-12-31T12:00Z", runs: ["12-31T15:00", "12-31T15:00"] },
];

describe("runs in spring, when clocks go forward,", () => {
  it.each(SPRING)("of $cron in $in after $after", (each) => {
    expect(times(preview(each, each.runs.length))).toEqual(each.runs);
  });
});

describe("runs in autumn, when clocks go back,", () => {
  it.each(AUTUMN)("of $cron in $in after $after", (each) => {
    expect(times(preview(each, each.runs.length))).toEqual(each.runs);
  });
});

it("gives the same runs one at a time as all at once", () => {
  const where = { timezone: "America/New_York", dst: SKIP_BOTH };
  const cron = parseCron("*/15 1 * * *");
  const [from, until] = [Date.parse("2026-10-30T00:00Z"), Date.parse("2026-11-03T00:00Z")];
  const stepped: number[] = [];
  for (let at = nextRun(cron, where, from); at !== null && at <= until; at = nextRun(cron, where, at)) stepped.push(at);
  expect(stepped).toHaveLength(20);
  expect(missedRuns(cron, where, from, until, 100)).toEqual(stepped);
  expect(missedRuns(cron, where, from, until, 3)).toEqual(stepped.slice(0, 3));
  expect(missedRuns(cron, where, stepped[0] ?? 0, stepped[1] ?? 0, 100)).toEqual(stepped.slice(1, 2));
});

it("has no next run, and does not search for ever, when every time falls into a gap that is skipped", () => {
  const cron = parseCron("30 2 * 3 SUN#2");
  const where = { timezone: "America/New_York", dst: SKIP_FIRST };
  expect(nextRun(cron, where, Date.parse("2026-01-01"))).toBeNull();
  expect(nextRun(cron, { ...where, dst: { ...SKIP_FIRST, gap: "shift" } }, Date.parse("2026-01-01"))).toBe(
    Date.parse("2026-03-08T07:00Z"),
  );
});

it("answers for every time that a caller can name", () => {
  const where = { timezone: "America/New_York", dst: SKIP_FIRST };
  const cron = parseCron("* * * * *");
  expect(nextRun(cron, where, 8.64e15)).toBeNull();
  expect(nextRun(cron, where, Number.MAX_SAFE_INTEGER)).toBeNull();
  expect(nextRun(cron, where, Date.parse("9999-12-31T23:00Z"))).toBeNull();
  expect(nextRun(cron, where, -8.64e15)).toBe(0);
});

it("notes what a change of the clocks does, and says nothing of other runs", () => {
  const newYork = (cron: string, after: string, dst?: Dst) =>
    preview({ in: "America/New_York", cron, after, ...(dst && { dst }) }, 3).map(({ note }) => note);
  const spring = "Clocks go forward from 02:00 to 03:00 on 2026-03-08";
  const autumn = "Clocks go back from 02:00 to 01:00 on 2026-11-01";
  expect(newYork("30 2 * * *", "2026-03-07T00:00Z")).toEqual([
    null,
    `${spring}: 02:30 does not exist then, so it runs at this moment.`,
    null,
  ]);
  expect(newYork("30 2 * * *", "2026-03-07T00:00Z", SKIP_FIRST)).toEqual([
    null,
    `${spring}: 02:30 does not exist and is skipped.`,
    null,
  ]);
  expect(newYork("30 1 * * *", "2026-10-31T00:00Z")).toEqual([
    null,
    `${autumn}: 01:30 comes twice, and it runs this first time only.`,
    null,
  ]);
  expect(newYork("30 * * * *", "2026-11-01T05:00Z")).toEqual([
    `${autumn}: 01:30 comes twice, and this is the first.`,
    `${autumn}: 01:30 comes twice, and this is the second.`,
    null,
  ]);
  // The first minute after the change is an ordinary one.
  expect(newYork("0 3 * * *", "2026-03-07T00:00Z")).toEqual([null, null, null]);
  const [, , apia] = preview({ in: "Pacific/Apia", cron: "0 9 * * *", after: "2011-12-28T12:00Z" }, 3);
  expect(apia?.note).toBe(
    "Clocks go forward from 2011-12-30 00:00 to 2011-12-31 00:00: 09:00 does not exist then, so it runs at this moment.",
  );
});

it.each([
  ["0 9 * * *", "first"],
  ["0 * * * *", "both"],
  ["0 */2 * * *", "both"],
  ["*/5 9 * * *", "both"],
  ["0,30 1-4 * * *", "first"],
] as const)("by default moves %s out of the gap and runs it at the %s of doubled times", (cron, overlap) => {
  expect(defaultDst(parseCron(cron))).toEqual({ gap: "shift", overlap });
});

it("takes the names of time zones in any case, and keeps a name that Intl would replace", () => {
  expect(assertTimezone("europe/LONDON")).toBe("Europe/London");
  expect(assertTimezone("utc")).toBe("UTC");
  for (const name of ALIASES.split(" ")) {
    expect(assertTimezone(name)).toBe(name);
    expect(assertTimezone(name.toLowerCase())).toBe(name);
  }
});

it.each([
  "",
  "+05:00",
  "-0300",
  "GMT+3",
  "Mars/Olympus",
  " Europe/London",
  "Europe/London\n",
  "A".repeat(10_000),
  "Z",
  "null",
])("refuses the time zone %j", (name) => {
  const refused = () => assertTimezone(name);
  expect(refused).toThrow(DomainError);
  expect(refused).toThrow(/is not a time zone. Name a place/);
});

it("spreads schedules of one minute evenly, each always by the same time", () => {
  const at = Date.parse("2026-01-01T09:00Z");
  const ids = Array.from(
    { length: 6_000 },
    (_, index) => `019a9f00-0000-7000-8000-${index.toString(16).padStart(12, "0")}`,
  );
  const perMinute = [0, 0, 0, 0, 0];
  for (const id of ids) {
    const delay = jittered(at, id, 300) - at;
    expect(jittered(at + 60_000, id, 300) - at - 60_000).toBe(delay);
    const minute = Math.floor(delay / 60_000);
    perMinute[minute] = (perMinute[minute] ?? 0) + 1;
  }
  expect(perMinute).toHaveLength(5);
  expect(Math.min(...perMinute)).toBeGreaterThan(1_000);
  expect(jittered(at, ids[0] ?? "", 0)).toBe(at);
});

/** Of the IANA database's `backward` file: every way in which they are written. */
const ALIASES =
  "Asia/Kolkata EST EST5EDT US/Pacific US/East-Indiana Etc/GMT+5 Etc/GMT0 GB GB-Eire NZ NZ-CHAT W-SU PRC ROK Cuba " +
  "Australia/ACT Australia/LHI Australia/NSW Mexico/BajaNorte Chile/EasterIsland Brazil/DeNoronha America/Buenos_Aires " +
  "America/Argentina/ComodRivadavia Antarctica/South_Pole Asia/Ho_Chi_Minh Europe/Isle_of_Man America/Port-au-Prince";

it("a zone is remembered once however it is written, and no more of them than are of use", () => {
  const london = zoneOf("Europe/London");
  expect(zoneOf("europe/LONDON")).toBe(london);
  const others = Intl.supportedValuesOf("timeZone").filter((name) => name !== "Europe/London");
  for (const name of others.slice(0, 60)) zoneOf(name);
  expect(zoneOf("Europe/London")).toBe(london);
  for (const name of others.slice(0, 150)) zoneOf(name);
  expect(zoneOf("Europe/London")).not.toBe(london);
});
