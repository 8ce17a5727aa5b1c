import { readErrorBody } from "./error-body.ts";

/** No wait is longer than a day, whatever a header says. */
const MAX_WAIT_MS = 24 * 60 * 60 * 1000;

/** Headers as rules see them: a name in any case to its value. */
export interface HeaderBag {
  get(name: string): string | null;
}

/**
 * How long the provider asks to be left alone, in whole milliseconds, or `null` when it does not say (or says it so
 * that it cannot be read). Looked at in turn: `retry-after-ms` (the OpenAI dialects), `Retry-After` in seconds or as
 * an HTTP date (RFC 9110, section 10.2.3), and the RetryInfo of Google's error body. A date gone by is 0.
 */
export function retryAfterMs(headers: HeaderBag, body: string, now: number): number | null {
  return (
    bounded(numberOf(headers.get("retry-after-ms"))) ??
    bounded(secondsOf(headers.get("retry-after"))) ??
    bounded(untilDate(headers.get("retry-after"), now)) ??
    bounded(secondsOf(readErrorBody(body).retryDelay?.replace(/s$/, "") ?? null))
  );
}

function bounded(ms: number | null): number | null {
  return ms === null ? null : Math.min(Math.max(Math.ceil(ms), 0), MAX_WAIT_MS);
}

/** Digits only: `Number` would read "" as 0 and "0x10" as 16. */
function numberOf(text: string | null): number | null {
  return text !== null && /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : null;
}

function secondsOf(text: string | null): number | null {
  const seconds = numberOf(text);
  return seconds === null ? null : seconds * 1000;
}

function untilDate(text: string | null, now: number): number | null {
  const date = text?.trim() ?? "";
  // All three forms of an HTTP date begin with a day's name; Date.parse would take "2026" or "-5" for a date too.
  if (!/^(?:mon|tue|wed|thu|fri|sat|sun)/i.test(date)) return null;
  // The asctime form has no zone, and is in UTC like the others.
  const at = Date.parse(/(?:gmt|utc)$/i.test(date) ? date : `${date} GMT`);
  return Number.isNaN(at) ? null : at - now;
}
