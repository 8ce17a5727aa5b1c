import { type DayRange, dayIn, daysIn, type Interval, intervalFor, rangeBefore, rangeOf } from "../../lib/day-range.ts";
import { ownTimeZone } from "../../lib/time-zones.ts";
import type { AnalyticsSearch } from "./search.ts";

/** What the page's address asks for, worked out: days in a zone, and the filters as the API takes them. */
export interface Asked {
  zone: string;
  range: DayRange;
  days: number;
  interval: Interval;
  /** As every analytics endpoint takes it. */
  query: AnalyticsQuery;
  /** The same for as many days right before; null for a range that ends before it begins. */
  before: AnalyticsQuery | null;
}

export interface AnalyticsQuery {
  startDate: string;
  endDate: string;
  timezone: string;
  workflowId?: string;
  provider?: string;
  model?: string;
}

/** What is asked for at a time (epoch ms). */
export function askedFor(search: AnalyticsSearch, now: number): Asked {
  const zone = search.zone ?? ownTimeZone();
  const range = daysOf(search, dayIn(zone, now));
  const filters = {
    timezone: zone,
    ...(search.workflow === undefined ? {} : { workflowId: search.workflow }),
    ...(search.provider === undefined ? {} : { provider: search.provider }),
    ...(search.model === undefined ? {} : { model: search.model }),
  };
  const days = daysIn(range);
  const before = days === 0 ? null : rangeBefore(range);
  return {
    zone,
    range,
    days,
    interval: intervalFor(days, search.interval),
    query: { startDate: range.from, endDate: range.to, ...filters },
    before: before && { startDate: before.from, endDate: before.to, ...filters },
  };
}

function daysOf({ range, from, to }: AnalyticsSearch, today: string): DayRange {
  if (from === undefined && to === undefined) return rangeOf(range ?? "30d", today);
  const end = to ?? today;
  // With an end alone, 30 days up to it.
  return { from: from ?? rangeOf("30d", end).from, to: end };
}
