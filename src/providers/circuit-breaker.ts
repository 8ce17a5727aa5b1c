import { DurableObject } from "cloudflare:workers";
import { systemClock } from "../core/clock.ts";
import {
  askLastResort,
  askPermit,
  type Breaker,
  type BreakerState,
  breakerHealth,
  breakerSchema,
  type CallOutcome,
  newBreaker,
  type Permit,
  resetBreaker,
  type Standing,
  standingAt,
  takeReport,
} from "./rules/breaker.ts";

const KEY = "breaker";
/** Successes move counts only: a write each would cost more than they are worth after an eviction. */
const COUNTS_WRITTEN_EVERY_MS = 10_000;

/** What every answer of the object tells beside its own: what isolates may keep, and what is new. */
export interface BreakerAnswer {
  standing: Standing;
  /** The state that it went into, `null` when it was in it before. */
  changed: BreakerState | null;
  /** What was wrong with what it had stored, told once. For the log of whoever asks: an object knows of no request. */
  fault: string | null;
}

/**
 * One per workspace, provider and credential: the state of its breaker. Requests run one after another and none
 * awaits in the middle, so that a probe is lent once. What decides who is let through is written before the answer
 * leaves (the output gate holds it back until then); what it stores is read again after an eviction.
 */
export class CircuitBreaker extends DurableObject {
  #fault: string | null = null;
  #breaker = this.#load();
  #writtenAt = 0;
  #forgotten = false;

  /** Asks to call the provider once, for `callMs` at most. */
  permit(callMs?: number): BreakerAnswer & { permit: Permit } {
    const { breaker, permit } = askPermit(this.#breaker, systemClock.now(), callMs);
    return { permit, ...this.#become(breaker) };
  }

  /** Asks for a call although it is open, having nobody else to ask. */
  lastResort(callMs?: number): BreakerAnswer & { permit: Permit } {
    const { breaker, permit } = askLastResort(this.#breaker, systemClock.now(), callMs);
    return { permit, ...this.#become(breaker) };
  }

  /** Takes in how calls of one generation went, in their order. */
  report(generation: number, outcomes: readonly CallOutcome[]): BreakerAnswer {
    return this.#become(takeReport(this.#breaker, { generation, outcomes }, systemClock.now()));
  }

  /** Closes it whatever it was. */
  reset(): BreakerAnswer {
    return this.#become(resetBreaker(this.#breaker));
  }

  health(): ReturnType<typeof breakerHealth> {
    return breakerHealth(this.#breaker, systemClock.now());
  }

  /** For a credential that is gone: leaves nothing behind. What calls under way still tell is not stored any more. */
  async forget(): Promise<void> {
    this.#forgotten = true;
    await this.ctx.storage.deleteAll();
  }

  #become(next: Breaker): BreakerAnswer {
    const now = systemClock.now();
    const before = this.#breaker;
    this.#breaker = next;
    const decides = next.gate !== before.gate;
    const answer = { standing: standingAt(next, now), fault: this.#fault };
    this.#fault = null;
    if (this.#forgotten) return { ...answer, changed: null };
    if (decides || (next !== before && now - this.#writtenAt >= COUNTS_WRITTEN_EVERY_MS)) {
      this.ctx.storage.kv.put(KEY, next);
      this.#writtenAt = now;
    }
    const changed = next.gate.state === before.gate.state ? null : next.gate.state;
    return { ...answer, changed };
  }

  #load(): Breaker {
    const now = systemClock.now();
    const stored = this.ctx.storage.kv.get(KEY);
    if (stored === undefined) return newBreaker(now);
    const read = breakerSchema.safeParse(stored);
    if (read.success) return read.data;
    // Written by another version of this code. Refusing to start would take the provider away from everyone.
    this.#fault = read.error.issues[0]?.message ?? "unreadable";
    return newBreaker(now);
  }
}
