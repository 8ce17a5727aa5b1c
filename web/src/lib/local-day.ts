/** A day as date fields write it. */
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;

/** What comes before is a year that is still being typed ("0002"), which servers refuse. */
const FIRST_DAY = "1970-01-01";

/** Whether a text is a day that a calendar has: "2026-02-30" is none, nor is what a half-typed year makes. */
export function isDay(text: string): boolean {
  const at = DAY.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text && text >= FIRST_DAY;
}

/** The first moment of a day ("2026-11-22") in the viewer's zone, in epoch ms. Null for what is no day. */
export function startOfDay(day: string): number | null {
  return midnight(day, 0);
}

/** The last moment of a day ("2026-11-22") in the viewer's zone, in epoch ms. Null for what is no day. */
export function endOfDay(day: string): number | null {
  const next = midnight(day, 1);
  return next === null ? null : next - 1;
}

/** Counted in days and not in hours: a day on which clocks change has 23 or 25. */
function midnight(day: string, later: number): number | null {
  const [, year, month, date] = DAY.exec(day) ?? [];
  if (year === undefined || month === undefined || date === undefined) return null;
  return new Date(Number(year), Number(month) - 1, Number(date) + later).getTime();
}
