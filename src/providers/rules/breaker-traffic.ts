import { z } from "zod";
import { ERROR_KINDS, type ErrorKind } from "../contract.ts";

const WINDOW_SECONDS = 60;
/** Latest latencies kept of each model: enough for a median, small enough to be stored with every failure. */
const SAMPLES = 64;
/** An address that names models freely must not make the stored row grow without end. */
const MAX_MODELS = 32;
/** A model that was slow once would never be chosen again, and so never measured again, if its figures stayed. */
const FORGET_AFTER_MS = 15 * 60_000;

/** What passed through a breaker: counts of the last minute, latencies of successes by model, and the last error. */
export const trafficSchema = z.object({
  /** Oldest first, seconds without a call left out. `second` is whole seconds since the Unix epoch. */
  seconds: z.array(z.object({ second: z.int(), succeeded: z.int(), failed: z.int() })),
  /** Latest used last. */
  models: z.array(z.object({ model: z.string(), usedAt: z.number(), latenciesMs: z.array(z.number()) })),
  lastError: z.object({ kind: z.enum(ERROR_KINDS), at: z.number() }).nullable(),
});
export type Traffic = z.infer<typeof trafficSchema>;

export const NO_TRAFFIC: Traffic = { seconds: [], models: [], lastError: null };

/** Counts one call. A failure's latency is left out: a provider that fails fast is not a fast provider. */
export function countCall(
  traffic: Traffic,
  call: { failed: boolean; model: string; latencyMs: number },
  now: number,
): Traffic {
  const second = Math.floor(now / 1_000);
  const one = call.failed ? { succeeded: 0, failed: 1 } : { succeeded: 1, failed: 0 };
  const recent = recentSeconds(traffic, now);
  const last = recent.at(-1);
  const seconds =
    last?.second === second
      ? [
          ...recent.slice(0, -1),
          { second, succeeded: last.succeeded + one.succeeded, failed: last.failed + one.failed },
        ]
      : [...recent, { second, ...one }];
  return { ...traffic, seconds, models: call.failed ? traffic.models : withLatency(traffic, call, now) };
}

/** Remembers what went wrong last. */
export function withError(traffic: Traffic, kind: ErrorKind | null, now: number): Traffic {
  return kind === null ? traffic : { ...traffic, lastError: { kind, at: now } };
}

/** Calls of the last minute, to the second, and how many of them failed. */
export function lastMinute(traffic: Traffic, now: number): { calls: number; failed: number } {
  const seconds = recentSeconds(traffic, now);
  const failed = seconds.reduce((sum, each) => sum + each.failed, 0);
  return { calls: seconds.reduce((sum, each) => sum + each.succeeded, failed), failed };
}

/** Medians of the models called in the last quarter of an hour, and over all of them. */
export function latencies(traffic: Traffic, now: number) {
  const recent = traffic.models.filter(({ usedAt }) => now - usedAt < FORGET_AFTER_MS);
  return {
    p50LatencyMs: median(recent.flatMap(({ latenciesMs }) => latenciesMs)),
    models: recent.map(({ model, latenciesMs }) => ({
      model,
      requests: latenciesMs.length,
      p50LatencyMs: median(latenciesMs),
    })),
  };
}

/** The last error, unless it is old news. */
export function lastError(traffic: Traffic, now: number): ErrorKind | null {
  const last = traffic.lastError;
  return last !== null && now - last.at < FORGET_AFTER_MS ? last.kind : null;
}

function recentSeconds({ seconds }: Traffic, now: number) {
  const oldest = Math.floor(now / 1_000) - WINDOW_SECONDS;
  return seconds.filter(({ second }) => second > oldest);
}

function withLatency({ models }: Traffic, call: { model: string; latencyMs: number }, now: number) {
  const before = models.find(({ model }) => model === call.model)?.latenciesMs ?? [];
  const latenciesMs = [...before, Math.round(call.latencyMs)].slice(-SAMPLES);
  const others = models.filter(({ model, usedAt }) => model !== call.model && now - usedAt < FORGET_AFTER_MS);
  return [...others, { model: call.model, usedAt: now, latenciesMs }].slice(-MAX_MODELS);
}

/** By nearest rank, so that it is always a latency that was measured. */
function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? null;
}
