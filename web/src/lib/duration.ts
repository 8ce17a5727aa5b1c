const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in ms as people read it: "840 ms", "1.2 s", "3 min 5 s", "2 h 10 min", "4 d 3 h". */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < SECOND) return `${whole} ms`;
  // 59,960 ms would read as "60.0 s" where the next unit begins.
  if (whole < MINUTE - 50) return `${(whole / SECOND).toFixed(1)} s`;
  const [big, bigName, small, smallName] = unitsFor(Math.round(whole / SECOND) * SECOND);
  const rounded = Math.round(whole / small) * small;
  const rest = Math.round((rounded % big) / small);
  const first = `${Math.floor(rounded / big)} ${bigName}`;
  return rest === 0 ? first : `${first} ${rest} ${smallName}`;
}

function unitsFor(ms: number): [number, string, number, string] {
  if (ms < HOUR) return [MINUTE, "min", SECOND, "s"];
  if (ms < DAY) return [HOUR, "h", MINUTE, "min"];
  return [DAY, "d", HOUR, "h"];
}

/**
 * How long ago a time was, or how long it is until then: "just now", "4 min ago", "in 2 h", "yesterday". Both in epoch
 * ms. More than a week away it is a date, which says more than "63 d ago".
 */
export function relativeTime(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance < 5 * SECOND) return "just now";
  if (distance >= 7 * DAY) return formatDate(at, now);
  const text = roughly(distance);
  return at <= now ? `${text} ago` : `in ${text}`;
}

function roughly(distance: number): string {
  if (distance < MINUTE) return `${Math.floor(distance / SECOND)} s`;
  if (distance < HOUR) return `${Math.floor(distance / MINUTE)} min`;
  if (distance < DAY) return `${Math.floor(distance / HOUR)} h`;
  return `${Math.floor(distance / DAY)} d`;
}

/** The day: "22 Nov", and with the year when it is not this one. In the viewer's zone. */
function formatDate(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(at);
}

/** A time (epoch ms) to the second with its zone, for hovers: "22 November 2026, 23:10:05 UTC". */
export function formatExactTime(at: number, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
    ...(timeZone === undefined ? {} : { timeZone }),
  })
    .format(at)
    .replace(" at ", ", ");
}
