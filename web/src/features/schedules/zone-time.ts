const SHORT_NAMES: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** A moment (epoch ms) as a zone's clocks and calendar show it: "Mon 30 Nov, 09:00". */
export function dayAndTime(at: number, timeZone: string): string {
  return `${dayName(at, timeZone)}, ${clockTime(at, timeZone)}`;
}

/** The day of a moment in a zone: "Mon 30 Nov", and with the year when it is not this one. */
export function dayName(at: number, timeZone: string, now: number = Date.now()): string {
  const yearOf = (time: number) => new Intl.DateTimeFormat("en-GB", { year: "numeric", timeZone }).format(time);
  const year = yearOf(at) === yearOf(now) ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat("en-GB", { ...SHORT_NAMES, ...year, timeZone }).format(at).replace(",", "");
}

/** The time of day of a moment in a zone: "09:00". */
export function clockTime(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", { ...CLOCK, timeZone }).format(at);
}

/** How far a zone's clocks are ahead of UTC at a moment, as people write it: "UTC+05:30". */
export function offsetName(timeZone: string, at: number): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "longOffset" }).formatToParts(at);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  return name === "GMT" || name === "GMT+00:00" ? "UTC" : name.replace("GMT", "UTC");
}

/** The zone of the person who looks. */
export function viewerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** All zones that the browser knows, with UTC and the one that is chosen: browsers know some by other names. */
export function zoneNames(chosen: string): string[] {
  return [...new Set(["UTC", viewerZone(), chosen, ...Intl.supportedValuesOf("timeZone")])];
}

/** What people call a place whose zone browsers list by a name that it no longer has. */
const TODAYS_NAMES: Readonly<Record<string, string>> = {
  "Africa/Asmera": "Asmara",
  "America/Godthab": "Nuuk",
  "Asia/Calcutta": "Kolkata",
  "Asia/Katmandu": "Kathmandu",
  "Asia/Rangoon": "Yangon",
  "Asia/Saigon": "Ho Chi Minh",
  "Atlantic/Faeroe": "Faroe",
  "Europe/Kiev": "Kyiv",
  "Pacific/Enderbury": "Kanton",
  "Pacific/Ponape": "Pohnpei",
  "Pacific/Truk": "Chuuk",
};

/** A zone for people to read: "America/New York", "Asia/Calcutta (Kolkata)". */
export function zoneLabel(zone: string): string {
  const today = TODAYS_NAMES[zone];
  return `${zone.replaceAll("_", " ")}${today === undefined ? "" : ` (${today})`}`;
}

/** How far ahead of UTC, as people type it: "+5:30", "UTC-3", "gmt +02". */
const OFFSET = /^(?:utc|gmt)?\s*([+\u2212-])(\d{1,2})(?::?(\d\d))?$/i;

/**
 * Whether a zone is meant by what somebody typed: "new york", "York" and "america/new" all find America/New_York, "kolkata"
 * finds Asia/Calcutta, and "+5:30" all whose clocks are so far ahead at `now`.
 */
export function zoneFits(zone: string, typed: string, now: number): boolean {
  const [, sign, hours, minutes = "00"] = OFFSET.exec(typed.trim()) ?? [];
  if (hours !== undefined) {
    const meant = `UTC${sign === "+" ? "+" : "-"}${hours.padStart(2, "0")}:${minutes}`;
    return offsetName(zone, now) === (/[1-9]/.test(meant) ? meant : "UTC");
  }
  const plain = (text: string) => text.toLowerCase().replaceAll(/[_/()]/g, " ");
  const words = plain(typed)
    .split(" ")
    .filter((word) => word !== "");
  const name = plain(zoneLabel(zone));
  return words.every((word) => name.includes(word));
}

/** What a field of date and time holds for an ISO time, in the viewer's zone: "2026-11-30T09:00". */
export function localField(iso: string | null): string {
  if (iso === null) return "";
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The ISO time that a field of date and time holds; null for an empty one. */
export function isoOfField(value: string): string | null {
  const at = Date.parse(value);
  return value === "" || Number.isNaN(at) ? null : new Date(at).toISOString();
}
