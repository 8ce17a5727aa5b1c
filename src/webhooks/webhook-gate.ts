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
  release,
  reserve,
  withinWindow,
} from "./rules/sliding-window.ts";

/** How long a copy waits for the first one to say how it ended, unless the caller says otherwise. */
const PENDING_WAIT_MS = 5_000;
const PRUNE_EVERY_MS = 3_600_000;

/** How a reserved call ended, with what to record of it. */
export interface Settlement {
  executionId: string;
  call: RecordedCall | null;
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
  readonly #awaited = new Map<string, { ended: Promise<void>; end: () => void }>();
  #alarmSet = false;

  /**
   * Lets a call in or not. A copy of a delivery that is still reserved waits up to `waitMs` for the first one to be
   * confirmed (then it is its duplicate) or released (then the first of the copies takes its place), and is `pending`
   * only when that takes longer.
   */
  async reserve(call: Reservation & { waitMs?: number }): Promise<Decision> {
    const patience = Promise.withResolvers<"over">();
    const timer = setTimeout(() => patience.resolve("over"), call.waitMs ?? PENDING_WAIT_MS);
    try {
      for (;;) {
        const decision = await this.#decide(call);
        if (decision.kind !== "pending") return decision;
        const ended = this.#ended(decision.executionId);
        if ((await Promise.race([ended, patience.promise])) === "over") return decision;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The execution of a reserved call is written. */
  async confirm({ executionId, call }: Settlement): Promise<void> {
    this.#store.slots.confirm(executionId);
    // One whose reservation had run out has left the window that was read, and counts again.
    const inWindow = this.#window?.log.some((slot) => slot.executionId === executionId);
    this.#replaceLog(inWindow ? (log) => confirm(log, executionId) : null);
    await this.#settle(executionId, call);
  }

  /** The execution of a reserved call was not written: the call counts for nothing. */
  async release({ executionId, call }: Settlement): Promise<void> {
    this.#store.slots.release(executionId);
    this.#replaceLog((log) => release(log, executionId));
    await this.#settle(executionId, call);
  }

  /** Writes down a call that was not let in, or not reserved. */
  async recordCall(call: RecordedCall): Promise<void> {
    this.#store.calls.record(call);
    if (call.keptUntil !== null) await this.#plan();
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

  /** Changes what was read as the storage was changed, or reads it anew the next time. */
  #replaceLog(change: ((log: Log) => Log) | null): void {
    this.#window = change === null || this.#window === null ? null : { ...this.#window, log: change(this.#window.log) };
  }

  async #settle(executionId: string, call: RecordedCall | null): Promise<void> {
    this.#end(executionId);
    if (call !== null) await this.recordCall(call);
  }

  #ended(executionId: string): Promise<void> {
    const known = this.#awaited.get(executionId);
    if (known) return known.ended;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#awaited.set(executionId, { ended, end });
    return ended;
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

function openStore(sql: SqlStorage) {
  return { slots: openSlots(sql), calls: openCalls(sql) };
}
