import { DurableObject } from "cloudflare:workers";
import { systemClock } from "../core/clock.ts";
import { type ListedCall, openCalls, type RecordedCall, type StoredCall } from "./gate-calls.ts";
import { openSlots } from "./gate-slots.ts";
import {
  confirm,
  type Decision,
  type Log,
  type RateLimit,
  type Reservation,
  reserve,
  withinWindow,
} from "./rules/sliding-window.ts";

const PRUNE_EVERY_MS = 3_600_000;

/** A call that asks to be let in, and how long a copy waits for the first one to say how it ended. */
export type Asked = Reservation & { waitMs: number };

/** How reserved calls ended, and calls to record. */
export interface Settlement {
  /** Executions that are written. */
  confirmed: readonly string[];
  /** Executions that are not written: their calls count for nothing. */
  released: readonly string[];
  calls: readonly RecordedCall[];
}

/**
 * One per webhook, named by its id: its rate limit, the deliveries of the last day and its last calls. Decisions are
 * made and written without awaiting in between, so that a burst gets exactly the limit, and are durable before the
 * answer leaves (the output gate holds it back until then). What it stores is read again after an eviction.
 */
export class WebhookGate extends DurableObject {
  #opened: ReturnType<typeof openStore> | null = null;
  /** The window's slots as stored, and the limit that they were read for. */
  #window: { rate: RateLimit; log: Log } | null = null;
  /** Reservations that copies wait for, by execution. */
  readonly #awaited = new Map<string, { ended: Promise<void>; end: () => void; waiting: number }>();
  #alarmSet = false;

  /**
   * Lets a call in or not. A copy of a delivery that is still reserved waits up to `waitMs` for the first one to be
   * confirmed (then it is its duplicate) or released (then the first of the copies takes its place), and is `pending`
   * only when that takes longer.
   *
   * @param along settled first, as {@link settle} does
   */
  async reserve(call: Asked, along: Settlement | null = null): Promise<Decision> {
    if (along !== null) await this.settle(along);
    const until = performance.now() + call.waitMs;
    for (;;) {
      const decision = await this.#decide(call);
      if (decision.kind !== "pending") return decision;
      const left = until - performance.now();
      if (left <= 0 || !(await this.#endsWithin(decision.executionId, left))) return decision;
    }
  }

  /** Takes down how reserved calls ended, and which calls there were. Safe to repeat. */
  async settle({ confirmed, released, calls }: Settlement): Promise<void> {
    const { slots, calls: ring } = this.#store;
    if (confirmed.length > 0) {
      slots.confirm(confirmed);
      const ids = new Set(confirmed);
      const read = this.#window;
      // One that is not in what was read counts from now on: read it anew.
      const whole = read?.log.filter(({ executionId }) => ids.has(executionId)).length === ids.size;
      this.#window = whole ? { rate: read.rate, log: confirm(read.log, ids) } : null;
    }
    if (released.length > 0) {
      slots.release(released);
      // Read for a limit that was lowered, the log has left out older slots that count again now.
      this.#window = null;
    }
    for (const call of calls) ring.record(call);
    for (const executionId of [...confirmed, ...released]) this.#end(executionId);
    if (calls.some(({ keptUntil }) => keptUntil !== null)) await this.#plan();
  }

  /** The last calls, at most ten let in and ten refused, newest first. */
  calls(): ListedCall[] {
    return this.#store.calls.list(systemClock.now());
  }

  /** One of the last calls with its payload, `null` when it is not there any more. */
  call(id: string): StoredCall | null {
    return this.#store.calls.read(id, systemClock.now());
  }

  /** Forgets everything: the webhook was deleted. */
  async clear(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#alarmSet = false;
    this.#window = null;
    this.#opened = null;
    for (const executionId of this.#awaited.keys()) this.#end(executionId);
  }

  override async alarm(): Promise<void> {
    const now = systemClock.now();
    this.#alarmSet = false;
    // Both, and not only until one has something left.
    const left = [this.#store.slots.prune(now), this.#store.calls.prune(now)];
    this.#window = null;
    if (left.includes(true)) await this.#plan();
  }

  async #decide(call: Reservation): Promise<Decision> {
    const log = this.#logFor(call, call.now);
    const known = call.deliveryId === null ? null : this.#store.slots.ofDelivery(call.deliveryId);
    const { decision, log: next } = reserve(log, call, known);
    const added = next === log ? undefined : next.at(-1);
    if (added) this.#store.slots.append(added);
    this.#window = { rate: call, log: next };
    if (added) await this.#plan();
    return decision;
  }

  /** A higher limit or a longer window looks further back than what was read for the one before. */
  #logFor({ limit, windowSeconds }: RateLimit, now: number): Log {
    const read = this.#window;
    const reaches = read !== null && limit <= read.rate.limit && windowSeconds <= read.rate.windowSeconds;
    return reaches
      ? withinWindow(read.log, { limit, windowSeconds }, now)
      : this.#store.slots.window({ limit, windowSeconds }, now);
  }

  /** Whether a reservation ends before `ms` have passed. */
  async #endsWithin(executionId: string, ms: number): Promise<boolean> {
    const { ended, ...entry } = this.#awaited.get(executionId) ?? awaitable();
    this.#awaited.set(executionId, { ended, end: entry.end, waiting: entry.waiting + 1 });
    const patience = Promise.withResolvers<false>();
    const timer = setTimeout(() => patience.resolve(false), ms);
    const inTime = await Promise.race([ended.then(() => true), patience.promise]);
    clearTimeout(timer);
    this.#leave(executionId);
    return inTime;
  }

  /** Nobody ends a reservation whose owner is gone: the last one who waited takes its entry along. */
  #leave(executionId: string): void {
    const entry = this.#awaited.get(executionId);
    if (entry === undefined) return;
    entry.waiting -= 1;
    if (entry.waiting === 0) this.#awaited.delete(executionId);
  }

  #end(executionId: string): void {
    this.#awaited.get(executionId)?.end();
    this.#awaited.delete(executionId);
  }

  /** Makes sure that what is stored is looked through in a while. */
  async #plan(): Promise<void> {
    if (this.#alarmSet) return;
    this.#alarmSet = true;
    if ((await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(systemClock.now() + PRUNE_EVERY_MS);
    }
  }

  /** Opened on first use: a gate that was cleared keeps no empty tables, for which storage would be billed. */
  get #store() {
    this.#opened ??= openStore(this.ctx.storage.sql);
    return this.#opened;
  }
}

function awaitable() {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  return { ended, end: () => end(), waiting: 0 };
}

function openStore(sql: SqlStorage) {
  return { slots: openSlots(sql), calls: openCalls(sql) };
}
