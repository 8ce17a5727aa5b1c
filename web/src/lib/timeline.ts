/** The stretch of time that a timeline shows, in epoch ms. Never empty. */
export interface TimeRange {
  from: number;
  to: number;
}

/** A place on the timeline, as CSS that reads its length in ms from `--sw-span`. */
export interface Bar {
  left: string;
  width: string;
}

/** A line of the scale: where it stands, in percent, and how long (ms) after the beginning that is. */
export interface Tick {
  left: number;
  ms: number;
}

/** What took a millisecond of an hour is still there to be seen and pointed at. */
const LEAST_WIDTH = 0.4;
const MOST_TICKS = 6;

/**
 * What the timeline of an execution shows: from its start to its end, or to `now` while it runs. `known` are times that
 * the server has told; they stay in sight when the clock of the viewer is behind.
 */
export function timelineRange(startedAt: number, endedAt: number | null, known: readonly number[], now: number) {
  const to = endedAt ?? known.reduce((latest, time) => Math.max(latest, time), now);
  return { from: startedAt, to: Math.max(to, startedAt + 1) } satisfies TimeRange;
}

/**
 * Where something stands that went from one time to another (epoch ms) on a timeline that begins at `from`, cut off at its
 * beginning. It does not depend on the timeline's end, which moves on while an execution runs.
 */
export function barOf(from: number, startedAt: number, endedAt: number): Bar {
  const begin = Math.max(startedAt - from, 0);
  const length = Math.max(endedAt - from - begin, 0);
  return {
    left: `min(100% * ${begin} / var(--sw-span), ${100 - LEAST_WIDTH}%)`,
    width: `max(100% * ${length} / var(--sw-span), ${LEAST_WIDTH}%)`,
  };
}

/** The lines of the scale, at round lengths of time: 1, 2 or 5 of a power of ten, at most six. The beginning is one. */
export function ticksOf({ from, to }: TimeRange): Tick[] {
  const length = to - from;
  const magnitude = 10 ** Math.floor(Math.log10(length / MOST_TICKS));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((size) => length / size < MOST_TICKS) ?? length;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, place) => ({
    left: ((place * step) / length) * 100,
    ms: place * step,
  }));
}
