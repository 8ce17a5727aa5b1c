import type { Clock } from "../core/clock.ts";
import { DomainError, errorText } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import {
  assumeClosed,
  gather,
  knownPermit,
  learn,
  type Seat,
  seatOf,
  TRUST_MS,
  takeGathered,
} from "./breaker-cache.ts";
import type { BreakerAnswer } from "./circuit-breaker.ts";
import type { ErrorKind, ProviderName } from "./contract.ts";
import {
  type BreakerState,
  type CallOutcome,
  isTelling,
  type Permit as LentPermit,
  type Refusal,
} from "./rules/breaker.ts";
import { givePlace, HOLD_MS, oneFirst, takePlace } from "./rules/slow-start.ts";

export type { CallOutcome, Refusal } from "./rules/breaker.ts";

/** Whose breaker: there is one object for each. `credential` is a credential's id, or "environment". */
export interface BreakerKey {
  workspaceId: string;
  provider: ProviderName;
  credential: string;
}

/** Of a permit what its report needs. */
export interface GivenPermit {
  generation: number;
  probe: boolean;
  /** When it took its place among this isolate's unanswered calls; without one it waited for none. */
  place?: number;
}

export type Permit = ({ allowed: true } & GivenPermit) | Refusal;

/** What is known of a provider through one credential. Times in epoch milliseconds, latencies of successes only. */
export interface BreakerHealth {
  provider: ProviderName;
  state: "closed" | "open" | "half_open";
  /** 0 to 1, of the counted calls of the last minute. */
  failureRate: number;
  /** The counted calls of the last minute. */
  requests: number;
  p50LatencyMs: number | null;
  lastError: ErrorKind | null;
  /** Also set while `closed`: the provider asked to be left alone, and is until then. */
  openUntil: number | null;
  /** Why nobody is let through now, `null` when somebody is. */
  blocked: Refusal | null;
  /** Called in the last quarter of an hour. `requests` is how many latencies the median rests on, at most 64. */
  models: { model: string; requests: number; p50LatencyMs: number | null }[];
}

/** The breakers, as whoever calls providers sees them. None of these but `reset` ever throws. */
export interface Breakers {
  /**
   * Asks to call a provider once. Costs no call of the object while this isolate knows the answer. While many calls
   * are under way and none has come back it waits for those, at most a second: they may come back as failures.
   *
   * @param callMs how long the call may take: a probe's lease outlives it
   */
  permit(key: BreakerKey, callMs?: number): Promise<Permit>;
  /**
   * Asks an open one for a call all the same, having nobody else to ask: it lends one at a time and one in fifteen
   * seconds, counted over all isolates, but none while its provider asked to be left alone. Costs no call of the object
   * while this isolate knows that none is to be had.
   */
  lastResort(key: BreakerKey, callMs?: number): Promise<Permit>;
  /** Until when this isolate knows that nobody is let through, `null` when it knows of nothing. Asks nobody. */
  blockedUntil(key: BreakerKey): number | null;
  /**
   * Tells how the call went that a permit was given for. A failure or a probe's outcome is durable when this returns;
   * the others are gathered and sent behind the caller's back, at most one report a second.
   */
  report(key: BreakerKey, permit: GivenPermit, outcome: CallOutcome): Promise<void>;
  /** An object that cannot be reached looks closed and idle: it lets calls through. */
  health(key: BreakerKey): Promise<BreakerHealth>;
  /** Closes it whatever it was. Throws `overloaded` when it cannot be reached. Other isolates hear of it within 5 s. */
  reset(key: BreakerKey): Promise<void>;
  /** Deletes what is known through a credential that is gone. Left undone with a warning when it cannot be reached. */
  forget(key: BreakerKey): Promise<void>;
}

/** The object behind its stub. */
interface BreakerStub {
  permit(callMs?: number): Promise<BreakerAnswer & { permit: LentPermit }>;
  lastResort(callMs?: number): Promise<BreakerAnswer & { permit: LentPermit }>;
  report(generation: number, outcomes: readonly CallOutcome[]): Promise<BreakerAnswer>;
  reset(): Promise<BreakerAnswer>;
  health(): Promise<Omit<BreakerHealth, "provider">>;
  forget(): Promise<void>;
}

/** What of the binding is used. */
export interface BreakerNamespace {
  getByName(name: string): BreakerStub;
}

export interface BreakerDeps {
  clock: Clock;
  waitUntil(work: Promise<unknown>): void;
  log: Logger;
  /** Hears of each change of state once, from the isolate that brought it about. Must not throw. */
  onChange?(key: BreakerKey, state: BreakerState): void;
}

/** How often a call that is held back looks whether it may go. */
const LOOK_AGAIN_MS = 20;
/** A provider call takes seconds; what guards it may not take longer. */
const ANSWER_WITHIN_MS = 2_000;
const RESET_RETRY_SECONDS = 2;

/** The breakers for one invocation. What it learns is shared by all invocations of the isolate. */
export function openBreakers(namespace: BreakerNamespace, deps: BreakerDeps): Breakers {
  const { clock, log } = deps;

  function heard(key: BreakerKey, seat: Seat, { standing, changed, fault }: BreakerAnswer): void {
    learn(seat, standing, clock.now());
    if (fault) warn(key, "the stored state was not understood, the breaker starts closed", fault);
    if (changed !== null) deps.onChange?.(key, changed);
  }

  function warn(key: BreakerKey, what: string, error: unknown): void {
    const { workspaceId, provider } = key;
    log.log("warn", "CircuitBreaker", `${what}: ${errorText(error)}`, { workspaceId, provider });
  }

  async function send(key: BreakerKey, seat: Seat, generation: number, outcomes: readonly CallOutcome[]) {
    seat.sentAt = clock.now();
    try {
      heard(key, seat, await ask(namespace, key, (stub) => stub.report(generation, outcomes)));
    } catch (error) {
      warn(key, `${outcomes.length} outcomes were not counted`, error);
    }
  }

  async function permitNow(key: BreakerKey, seat: Seat, callMs?: number): Promise<Permit> {
    const known = knownPermit(seat, clock.now());
    if (known) return known;
    // What is left of a burst of successes would otherwise wait for the next one.
    const gathered = takeGathered(seat, seat.generation);
    if (gathered.length > 0) deps.waitUntil(send(key, seat, seat.generation, gathered));
    try {
      const answer = await ask(namespace, key, (stub) => stub.permit(callMs));
      heard(key, seat, answer);
      return answer.permit;
    } catch (error) {
      warn(key, "calls are let through, the breaker does not answer", error);
      // Remembered like an answer: a breaker that hangs must not hold every call up.
      assumeClosed(seat, clock.now());
      return { allowed: true, generation: seat.generation, probe: false };
    }
  }

  async function count(key: BreakerKey, seat: Seat, permit: GivenPermit, outcome: CallOutcome): Promise<void> {
    const { generation, probe } = permit;
    if (outcome.result === "failure" || probe) {
      // Successes from before go first: they are what makes "five in a row" untrue.
      await send(key, seat, generation, [...takeGathered(seat, generation), outcome]);
    } else if (isTelling(outcome) && gather(seat, generation, outcome, clock.now())) {
      deps.waitUntil(send(key, seat, seat.generation, takeGathered(seat, seat.generation)));
    }
  }

  return {
    async permit(key, callMs) {
      const seat = seatOf(nameOf(key));
      // Looked at again and again, since a request must not wait for what another request resolves.
      for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
        const permit = await permitNow(key, seat, callMs);
        // Also where another isolate ran into the limit.
        if (!permit.allowed && permit.reason === "cooling_down") seat.burst = oneFirst(seat.burst);
        if (!permit.allowed || permit.probe || waitedMs >= HOLD_MS) return permit;
        const place = clock.now();
        const taken = takePlace(seat.burst, place);
        if (taken !== null) {
          seat.burst = taken;
          return { ...permit, place };
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    },

    async lastResort(key, callMs) {
      const seat = seatOf(nameOf(key));
      const known = knownPermit(seat, clock.now());
      if (known && !known.allowed && !(known.lastResortAt !== null && known.lastResortAt <= clock.now())) return known;
      try {
        const answer = await ask(namespace, key, (stub) => stub.lastResort(callMs));
        heard(key, seat, answer);
        return answer.permit;
      } catch (error) {
        warn(key, "no last resort is lent, the breaker does not answer", error);
        return known ?? { allowed: false, reason: "open", reopensAt: clock.now() + TRUST_MS, lastResortAt: null };
      }
    },

    blockedUntil(key) {
      const known = knownPermit(seatOf(nameOf(key)), clock.now());
      return known === null || known.allowed ? null : known.reopensAt;
    },

    async report(key, permit, outcome) {
      const seat = seatOf(nameOf(key));
      await count(key, seat, permit, outcome);
      // Only now: whoever takes the place must know already what this call told.
      const result = outcome.errorKind === "rate_limit" ? "limited" : outcome.result;
      seat.burst = givePlace(seat.burst, permit.place ?? null, result, clock.now());
    },

    async health(key) {
      const seat = seatOf(nameOf(key));
      const gathered = takeGathered(seat, seat.generation);
      if (gathered.length > 0) await send(key, seat, seat.generation, gathered);
      try {
        const health = await ask(namespace, key, (stub) => stub.health());
        return { provider: key.provider, ...health };
      } catch (error) {
        warn(key, "the breaker's health cannot be read", error);
        return idleHealth(key.provider);
      }
    },

    async reset(key) {
      const seat = seatOf(nameOf(key));
      try {
        heard(key, seat, await ask(namespace, key, (stub) => stub.reset()));
      } catch (cause) {
        throw new DomainError("overloaded", "The breaker could not be reached and is as it was. Try again shortly.", {
          retryAfterSeconds: RESET_RETRY_SECONDS,
          cause,
        });
      }
    },

    async forget(key) {
      try {
        await ask(namespace, key, (stub) => stub.forget());
      } catch (error) {
        warn(key, "the breaker of a key that is gone is still there", error);
      }
    },
  };
}

function idleHealth(provider: ProviderName): BreakerHealth {
  const nothing = { p50LatencyMs: null, lastError: null, openUntil: null, blocked: null, models: [] };
  return { provider, state: "closed", failureRate: 0, requests: 0, ...nothing };
}

function nameOf({ workspaceId, provider, credential }: BreakerKey): string {
  return `${workspaceId}/${provider}/${credential}`;
}

/**
 * Asks the object, and once more when the platform says that it makes sense. Each time through a new stub: one that
 * has thrown stays broken. What is overloaded is not asked again, which would only make it worse.
 */
async function ask<Answer>(
  namespace: BreakerNamespace,
  key: BreakerKey,
  call: (stub: BreakerStub) => Promise<Answer>,
): Promise<Answer> {
  const once = () => within(call(namespace.getByName(nameOf(key))));
  try {
    return await once();
  } catch (error) {
    if (!isWorthRetrying(error)) throw error;
    return once();
  }
}

function isWorthRetrying(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return "retryable" in error && error.retryable === true && !("overloaded" in error && error.overloaded === true);
}

async function within<Answer>(work: Promise<Answer>): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
