import { describe, expect, it } from "vitest";
import {
  clockTime,
  dayAndTime,
  isoOfField,
  localField,
  offsetName,
  zoneFits,
} from "../../../web/src/features/schedules/zone-time.ts";

const WINTER = Date.UTC(2027, 0, 4, 23, 30);

describe("times in a zone", () => {
  it("are told by its clocks and its calendar", () => {
    expect(dayAndTime(WINTER, "Asia/Kolkata")).toMatch(/^Tue 5 Jan( 2027)?, 05:00$/);
    expect(clockTime(Date.UTC(2027, 0, 5), "UTC")).toBe("00:00");
    expect([offsetName("Asia/Kolkata", WINTER), offsetName("UTC", WINTER)]).toEqual(["UTC+05:30", "UTC"]);
    expect([offsetName("Europe/Paris", WINTER), offsetName("Europe/Paris", Date.UTC(2027, 6, 1))]).toEqual([
      "UTC+01:00",
      "UTC+02:00",
    ]);
  });

  it.each(["new york", "New_York", "america new", "york", "AMERICA/NEW_Y"])("%j finds America/New_York", (typed) => {
    expect(zoneFits("America/New_York", typed)).toBe(true);
  });

  it.each(["europe york", "newer", "berlin"])("%j does not", (typed) => {
    expect(zoneFits("America/New_York", typed)).toBe(false);
  });

  it("come back from a field of date and time as they were, to the minute", () => {
    const iso = "2027-03-28T01:30:00.000Z";
    expect(isoOfField(localField(iso))).toBe(iso);
    expect([isoOfField(""), isoOfField("soon"), localField(null)]).toEqual([null, null, ""]);
  });
});
