import { z } from "zod";
import type { ErrorKind } from "../contract.ts";
import {
  countCall,
  lastError,
  lastMinute,
  latencies,
  NO_TRAFFIC,
  type Traffic,
  trafficSchema,
  withError,
} from "./breaker-traffic.ts";

/** Failures in a row that open a closed breaker. */
export const FAILURES_IN_A_ROW = 5;
/** Half of the last minute's calls failing opens it too, when there were at least this many. */
export const CALLS_TO_JUDGE = 20;
export const FIRST_OPEN_MS = 60_000;
/** The longest that it stays open, and the longest Retry-After that is believed. */
export const MAX_OPEN_MS = 600_000;
const MIN_COOL_DOWN_MS = 1_000;
const DEFAULT_COOL_DOWN_MS = 5_000;
/** How long a leased call may take when its caller does not say, and at most. */
const DEFAULT_CALL_MS = 120_000;
export const LONGEST_LEASED_CALL_MS = 600_000;
/** A lease ends so long after its call must have: what the call tells still counts. */
const LEASE_GRACE_MS = 10_000;
/** A worker that dies with the probe in its hands keeps everyone out for so long, by default. */
export const PROBE_LEASE_MS = DEFAULT_CALL_MS + LEASE_GRACE_MS;
/** How often an open breaker lends a call to those who have nobody else to ask. */
export const LAST_RESORT_EVERY_MS = 15_000;

/**
 * Who is let through. `generation` grows with each change of state and each lease lent, so that a report from before
 * can be told; `since` is the one with which this opening began. `openings` counts how often it opened without closing
 * in between.
 */
const gateSchema = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("closed"),
    generation: z.number(),
    failuresInRow: z.int(),
    /** Closed, and yet nobody is let through before: the provider asked to be left alone. */
    coolUntil: z.number().nullable(),
  }),
  z.object({
    state: z.literal("open"),
    generation: z.number(),
    since: z.number(),
    openings: z.int(),
    openUntil: z.number(),
    /** No call is lent as a last resort before. */
    lastResortAt: z.number(),
    /** Until when the one that is lent is out; `null` when none is. */
    leaseUntil: z.number().nullable(),
  }),
  z.object({
    state: z.literal("half_open"),
    generation: z.number(),
    since: z.number(),
    openings: z.int(),
    /** `null` when the probe came back without telling anything: the next caller gets it. */
    leaseUntil: z.number().nullable(),
  }),
]);
type Gate = z.infer<typeof gateSchema>;
type OpenGate = Extract<Gate, { state: "open" }>;
/** Where calls may be under way that anybody was let through for. */
type Callable = Exclude<Gate, OpenGate>;
export type BreakerState = Gate["state"];

/** A breaker's whole state, as its object stores it. All times in epoch milliseconds. */
export const breakerSchema = z.object({ gate: gateSchema, traffic: trafficSchema });
export type Breaker = z.infer<typeof breakerSchema>;

/**
 * Leave to call the provider, or why not and when to ask again. A probe's report decides for everyone; it holds a lease
 * and must be reported. While `probing`, `reopensAt` is when its lease ends: mostly it is back long before.
 */
export type Permit =
  | { allowed: true; generation: number; probe: boolean }
  | {
      allowed: false;
      reopensAt: number;
      reason: "open" | "cooling_down" | "probing";
      /** From when on a call may be lent as a last resort; `null` where none is. */
      lastResortAt: number | null;
    };
export type Refusal = Extract<Permit, { allowed: false }>;

/**
 * How a call went. `neutral` is what says nothing about the provider: the caller's own fault, a cancelled call, and
 * `auth` and `quota`, which are the credential's. `retryAfterMs` is how long the provider asked to be left alone.
 */
export interface CallOutcome {
  result: "success" | "failure" | "neutral";
  errorKind: ErrorKind | null;
  latencyMs: number;
  model: string;
  retryAfterMs: number | null;
}

/** What everyone may know until something changes; `null` when the next caller gets the probe. */
export type Standing = { generation: number; blocked: Refusal | null } | null;

/**
 * A closed breaker. Its generations start at the time: an object that lost its storage never gives one out again
 * that a caller may still hold.
 */
export function newBreaker(now: number): Breaker {
  return { gate: closed(now), traffic: NO_TRAFFIC };
}

/** What callers may be told at `now` without lending the probe. */
export function standingAt({ gate }: Breaker, now: number): Standing {
  const { generation } = gate;
  switch (gate.state) {
    case "closed":
      return { generation, blocked: refusal(gate.coolUntil, "cooling_down", now) };
    case "open": {
      // A last resort that is still out when the time is up is as good as the probe.
      const blocked =
        refusal(gate.openUntil, "open", now, Math.max(gate.lastResortAt, gate.leaseUntil ?? 0)) ??
        refusal(gate.leaseUntil, "probing", now);
      return blocked && { generation, blocked };
    }
    case "half_open": {
      const blocked = refusal(gate.leaseUntil, "probing", now);
      return blocked && { generation, blocked };
    }
  }
}

/**
 * Lets a caller through or not. Of any number that ask a breaker whose time is up, the first gets the one probe.
 *
 * @param callMs how long the call may take: a model that needs long could never show that it is back, were its lease
 *   over before it answers
 */
export function askPermit(
  breaker: Breaker,
  now: number,
  callMs: number = DEFAULT_CALL_MS,
): { breaker: Breaker; permit: Permit } {
  const standing = standingAt(breaker, now);
  if (standing?.blocked) return { breaker, permit: standing.blocked };
  if (standing || breaker.gate.state === "closed") {
    return { breaker, permit: { allowed: true, generation: breaker.gate.generation, probe: false } };
  }
  const generation = breaker.gate.generation + 1;
  const { openings, since } = breaker.gate;
  return {
    breaker: {
      ...breaker,
      gate: { state: "half_open", generation, since, openings, leaseUntil: leaseEnd(now, callMs) },
    },
    permit: { allowed: true, generation, probe: true },
  };
}

/**
 * For a caller that no other provider would serve: lets one through an open breaker as well, one at a time and one in
 * {@link LAST_RESORT_EVERY_MS}, but not while the provider asked to be left alone. Its success closes the breaker.
 */
export function askLastResort(
  breaker: Breaker,
  now: number,
  callMs: number = DEFAULT_CALL_MS,
): { breaker: Breaker; permit: Permit } {
  const asked = askPermit(breaker, now, callMs);
  const { gate } = breaker;
  if (asked.permit.allowed || gate.state !== "open") return asked;
  const { lastResortAt } = asked.permit;
  if (lastResortAt === null || now < lastResortAt) return asked;
  const generation = gate.generation + 1;
  const lent = { leaseUntil: leaseEnd(now, callMs), lastResortAt: now + LAST_RESORT_EVERY_MS };
  return {
    breaker: { ...breaker, gate: { ...gate, ...lent, generation } },
    permit: { allowed: true, generation, probe: true },
  };
}

function leaseEnd(now: number, callMs: number): number {
  return now + Math.min(Math.max(callMs, 0), LONGEST_LEASED_CALL_MS) + LEASE_GRACE_MS;
}

/**
 * Takes in how calls went, in their order, that were permitted under `generation`. What is of another generation
 * changes nothing: the calls that were still under way when it opened must not open it a second time. Only a success
 * under an earlier lease of the same opening closes it: the provider is back, whoever found that out.
 */
export function takeReport(
  breaker: Breaker,
  { generation, outcomes }: { generation: number; outcomes: readonly CallOutcome[] },
  now: number,
): Breaker {
  return outcomes.reduce((current, outcome) => {
    const ofAnEarlierLease = isOfOpening(current.gate, generation) && outcome.result === "success";
    return current.gate.generation === generation || ofAnEarlierLease ? takeOutcome(current, outcome, now) : current;
  }, breaker);
}

function isOfOpening(gate: Gate, generation: number): boolean {
  return gate.state !== "closed" && gate.since < generation && generation < gate.generation;
}

/**
 * Whether an outcome that holds no probe is worth a report. The caller's own fault is not the provider's last error;
 * a bad key, an empty account or a call in vain is worth showing, also when it does not count.
 */
export function isTelling({ result, errorKind }: CallOutcome): boolean {
  return result !== "neutral" || errorKind === "auth" || errorKind === "quota" || errorKind === "timeout";
}

/** Closes it whatever it was, and forgets the failures that opened it. */
export function resetBreaker(breaker: Breaker): Breaker {
  return {
    gate: closed(breaker.gate.generation + 1),
    traffic: { ...breaker.traffic, seconds: [], lastError: null },
  };
}

/**
 * What people and routing see. `open` becomes `half_open` when its time is up, and `openUntil` is also set while a
 * closed breaker cools down.
 */
export function breakerHealth({ gate, traffic }: Breaker, now: number) {
  const { calls, failed } = lastMinute(traffic, now);
  const until = gate.state === "open" ? gate.openUntil : gate.state === "closed" ? gate.coolUntil : null;
  const openUntil = until !== null && until > now ? until : null;
  return {
    state: gate.state === "open" && openUntil === null ? ("half_open" as const) : gate.state,
    failureRate: calls === 0 ? 0 : failed / calls,
    requests: calls,
    lastError: lastError(traffic, now),
    openUntil,
    /** Why nobody is let through now, `null` when somebody is. */
    blocked: standingAt({ gate, traffic }, now)?.blocked ?? null,
    ...latencies(traffic, now),
  };
}

function takeOutcome(breaker: Breaker, outcome: CallOutcome, now: number): Breaker {
  // Nobody was let through since it opened: this is not a call that it knows of.
  if (breaker.gate.state === "open" && breaker.gate.generation === breaker.gate.since) return breaker;
  if (outcome.result === "neutral") {
    const shown = isTelling(outcome) ? outcome.errorKind : null;
    return { gate: afterNeutral(breaker.gate), traffic: withError(breaker.traffic, shown, now) };
  }
  if (outcome.errorKind === "rate_limit") return takeRateLimit(breaker, outcome, now);
  const failed = outcome.result === "failure";
  const closes = !failed && breaker.gate.state !== "closed";
  // The failures that opened it would open it again with the next one, when it closes before their minute is over.
  const before = closes ? { ...breaker.traffic, seconds: [] } : breaker.traffic;
  const counted = countCall(before, { ...outcome, failed }, now);
  if (failed) {
    const traffic = withError(counted, outcome.errorKind, now);
    const { gate } = breaker;
    const next =
      gate.state === "open" ? afterLastResort(gate, outcome, now) : afterFailure(gate, traffic, outcome, now);
    return { gate: next, traffic };
  }
  return { gate: afterSuccess(breaker.gate), traffic: counted };
}

/**
 * Whoever limits the rate is alive: that counts neither in a row nor among the failed, and on a lease it closes. Held
 * against it like a failure it would close off a provider that answers as fast as its caller may ask.
 */
function takeRateLimit({ gate, traffic }: Breaker, outcome: CallOutcome, now: number): Breaker {
  const coolUntil = now + askedToWait(outcome);
  const shown = withError(traffic, outcome.errorKind, now);
  if (gate.state === "closed") {
    return { gate: { ...gate, coolUntil: Math.max(gate.coolUntil ?? 0, coolUntil) }, traffic: shown };
  }
  return { gate: { ...closed(gate.generation + 1), coolUntil }, traffic: { ...shown, seconds: [] } };
}

/** A lease that told nothing is handed on; anything else stays as it is. */
function afterNeutral(gate: Gate): Gate {
  return gate.state === "closed" ? gate : { ...gate, generation: gate.generation + 1, leaseUntil: null };
}

function afterSuccess(gate: Gate): Gate {
  if (gate.state !== "closed") return closed(gate.generation + 1);
  return gate.failuresInRow === 0 ? gate : { ...gate, failuresInRow: 0 };
}

/** A last resort that fails changes nothing but when the next one is lent, or the provider was asked to be called. */
function afterLastResort(gate: OpenGate, outcome: CallOutcome, now: number): Gate {
  const notBefore = now + askedToWait(outcome);
  if (now >= gate.openUntil) return open(gate, gate.openings + 1, notBefore, now);
  return {
    ...gate,
    generation: gate.generation + 1,
    leaseUntil: null,
    openUntil: Math.max(gate.openUntil, notBefore),
    lastResortAt: Math.max(gate.lastResortAt, notBefore),
  };
}

function afterFailure(gate: Callable, traffic: Traffic, outcome: CallOutcome, now: number): Gate {
  if (gate.state === "half_open") return open(gate, gate.openings + 1, now + askedToWait(outcome), now);
  const failuresInRow = gate.failuresInRow + 1;
  const { calls, failed } = lastMinute(traffic, now);
  const coolUntil = Math.max(gate.coolUntil ?? 0, now + askedToWait(outcome));
  if (failuresInRow >= FAILURES_IN_A_ROW || (calls >= CALLS_TO_JUDGE && failed * 2 >= calls)) {
    return open(gate, 1, coolUntil, now);
  }
  return { ...gate, failuresInRow };
}

/** Open for a time that doubles with each opening, or until `notBefore` when that is later. */
function open({ generation }: Gate, openings: number, notBefore: number, now: number): Gate {
  const openMs = Math.min(FIRST_OPEN_MS * 2 ** (openings - 1), MAX_OPEN_MS);
  return {
    state: "open",
    generation: generation + 1,
    since: generation + 1,
    openings,
    openUntil: Math.max(now + openMs, notBefore),
    lastResortAt: Math.max(now + LAST_RESORT_EVERY_MS, notBefore),
    leaseUntil: null,
  };
}

function closed(generation: number): Extract<Gate, { state: "closed" }> {
  return { state: "closed", generation, failuresInRow: 0, coolUntil: null };
}

/** How long the provider asked to be left alone. Only a rate limit means it without saying how long. */
function askedToWait({ errorKind, retryAfterMs }: CallOutcome): number {
  if (errorKind === "rate_limit") {
    return Math.min(Math.max(retryAfterMs ?? DEFAULT_COOL_DOWN_MS, MIN_COOL_DOWN_MS), MAX_OPEN_MS);
  }
  return Math.min(Math.max(retryAfterMs ?? 0, 0), MAX_OPEN_MS);
}

function refusal(
  until: number | null,
  reason: Refusal["reason"],
  now: number,
  lastResortAt: number | null = null,
): Refusal | null {
  return until !== null && now < until ? { allowed: false, reopensAt: until, reason, lastResortAt } : null;
}
