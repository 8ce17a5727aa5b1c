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
    expect(zoneFits("America/New_York", typed, WINTER)).toBe(true);
  });

  it.each(["europe york", "newer", "berlin"])("%j does not", (typed) => {
    expect(zoneFits("America/New_York", typed, WINTER)).toBe(false);
  });

  it("are found by today's name of a place, and by how far ahead the clocks are now", () => {
    const found = (zones: string[], typed: string, at = WINTER) => zones.filter((zone) => zoneFits(zone, typed, at));
    const zones = ["Asia/Calcutta", "Asia/Kolkata", "Europe/Kiev", "Europe/Paris", "UTC", "America/St_Johns"];
    expect(found(zones, "kolkata")).toEqual(["Asia/Calcutta", "Asia/Kolkata"]);
    expect(found(zones, "kyiv")).toEqual(["Europe/Kiev"]);
    expect(found(zones, "+5:30")).toEqual(["Asia/Calcutta", "Asia/Kolkata"]);
    expect(found(zones, "GMT+2")).toEqual(["Europe/Kiev"]);
    expect(found(zones, "utc+02:00", Date.UTC(2027, 6, 1))).toEqual(["Europe/Paris"]);
    expect(found(zones, "-0330")).toEqual(["America/St_Johns"]);
    expect(found(zones, "+0")).toEqual(["UTC"]);
  });

  it("come back from a field of date and time as they were, to the minute", () => {
    const iso = "2027-03-28T01:30:00.000Z";
    expect(isoOfField(localField(iso))).toBe(iso);
    expect([isoOfField(""), isoOfField("soon"), localField(null)]).toEqual([null, null, ""]);
  });
});
