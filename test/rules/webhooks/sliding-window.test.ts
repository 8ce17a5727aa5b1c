import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rateHeaders } from "../../../src/webhooks/rules/rate-headers.ts";
import {
  confirm,
  DELIVERY_MS,
  type Log,
  RESERVATION_MS,
  type Reservation,
  reserve,
  type Slot,
  withinWindow,
} from "../../../src/webhooks/rules/sliding-window.ts";

const T = Date.UTC(2026, 10, 22, 12, 0, 0);
const WINDOW = { limit: 2, windowSeconds: 60 };

let executions = 0;
function call(partial: Partial<Reservation> = {}): Reservation {
  executions += 1;
  return { executionId: `e${executions}`, deliveryId: null, now: T, ...WINDOW, ...partial };
}

function slot(partial: Partial<Slot> = {}): Slot {
  executions += 1;
  return { executionId: `e${executions}`, deliveryId: null, at: T, confirmed: true, ...partial };
}

/** What the gate does with a reservation whose execution was not written. */
const release = (log: Log, executionId: string): Log => log.filter((one) => one.executionId !== executionId);

const kind = (log: Log, partial: Partial<Reservation> = {}) => reserve(log, call(partial)).decision.kind;

describe("the window", () => {
  test("lets the limit in, and tells when the next call will be", () => {
    const first = reserve([], call());
    expect(first.decision).toEqual({ kind: "admitted", limit: 2, remaining: 1, resetSeconds: 60 });
    const second = reserve(first.log, call({ now: T + 10_500 }));
    expect(second.decision).toEqual({ kind: "admitted", limit: 2, remaining: 0, resetSeconds: 50 });
    const third = reserve(second.log, call({ now: T + 20_000 }));
    expect(third.decision).toEqual({
      kind: "limited",
      limit: 2,
      remaining: 0,
      resetSeconds: 40,
      retryAfterSeconds: 40,
    });
    expect(third.log).toBe(second.log);
  });

  test("gives a slot back at the very millisecond when it leaves, and not before", () => {
    const log = [slot(), slot({ at: T + 1_000 })];
    expect(kind(log, { now: T + 59_999 })).toBe("limited");
    expect(kind(log, { now: T + 60_000 })).toBe("admitted");
    expect(reserve(log, call({ now: T + 60_000 })).decision).toMatchObject({ remaining: 0, resetSeconds: 1 });
  });

  test("does not count calls that were refused", () => {
    let log: Log = [slot(), slot()];
    for (let n = 0; n < 50; n += 1) log = reserve(log, call({ now: T + 30_000 })).log;
    expect(kind(log, { now: T + 60_000 })).toBe("admitted");
  });

  test("follows a changed limit at once: lower, higher, shorter and longer", () => {
    const log = [slot(), slot({ at: T + 10_000 }), slot({ at: T + 20_000 })];
    const at = (limit: number, windowSeconds: number) =>
      reserve(log, call({ limit, windowSeconds, now: T + 30_000 })).decision;
    // Two must leave before another is let in: the second of three does so at 70 s.
    expect(at(2, 60)).toMatchObject({ kind: "limited", remaining: 0, retryAfterSeconds: 40 });
    expect(at(4, 60)).toMatchObject({ kind: "admitted", remaining: 0 });
    expect(at(3, 30)).toMatchObject({ kind: "admitted", remaining: 0 });
    expect(at(3, 3_600)).toMatchObject({ kind: "limited", retryAfterSeconds: 3_570 });
  });

  test("is not stretched by a caller whose clock is behind", () => {
    const log = [slot({ at: T + 5_000 })];
    const behind = reserve(log, call({ now: T }));
    expect(behind.log.at(-1)?.at).toBe(T + 5_000);
    expect(behind.decision).toMatchObject({ remaining: 0, resetSeconds: 60 });
  });
});

describe("a reservation", () => {
  test("that nobody confirms counts for thirty seconds, and then has to be looked up while its window lasts", () => {
    const one = call({ limit: 1, deliveryId: "d" });
    const { log } = reserve([], one);
    expect(kind(log, { limit: 1, now: T + RESERVATION_MS - 1 })).toBe("limited");
    expect(kind(log, { limit: 1, deliveryId: "d", now: T + RESERVATION_MS - 1 })).toBe("pending");
    const { decision } = reserve(log, call({ limit: 5, deliveryId: "d", now: T + RESERVATION_MS }));
    expect(decision).toMatchObject({ kind: "unsettled", executionIds: [one.executionId] });
    expect(kind(log, { limit: 1, deliveryId: "d", now: T + 60_000 })).toBe("admitted");
  });

  test("that is confirmed late counts again", () => {
    const one = call({ limit: 1 });
    const log = confirm(reserve([], one).log, new Set([one.executionId]));
    expect(kind(log, { limit: 1, now: T + RESERVATION_MS })).toBe("limited");
  });

  test("that is released counts for nothing, and its delivery may come again", () => {
    const one = call({ limit: 1, deliveryId: "d" });
    const log = release(reserve([], one).log, one.executionId);
    expect(kind(log, { limit: 1, deliveryId: "d" })).toBe("admitted");
  });

  test("asked for again by the same call is the same one", () => {
    const one = call({ limit: 1, deliveryId: "d" });
    const { log } = reserve([], one);
    const again = reserve(log, { ...one, now: T + 500 });
    expect(again.decision.kind).toBe("admitted");
    expect(again.log).toBe(log);
  });
});

describe("a delivery", () => {
  test("that is known answers its first execution, even when the limit is reached", () => {
    const first = slot({ deliveryId: "d" });
    const { decision, log } = reserve([first, slot()], call({ deliveryId: "d", now: T + 1_000 }));
    expect(decision).toMatchObject({ kind: "duplicate", executionId: first.executionId, remaining: 0 });
    expect(log).toHaveLength(2);
    expect(kind([first, slot()], { deliveryId: "other" })).toBe("limited");
  });

  test("is known for a day, long after it left the window", () => {
    const known = slot({ deliveryId: "d" });
    const at = (now: number) => reserve([], call({ deliveryId: "d", now }), known).decision.kind;
    expect(at(T + DELIVERY_MS - 1)).toBe("duplicate");
    expect(at(T + DELIVERY_MS)).toBe("admitted");
  });
});

test("the headers tell the limit in the fields of the draft, and when to come back only to who must", () => {
  const { decision, log } = reserve([], call({ limit: 1 }));
  expect(rateHeaders(decision)).toEqual({
    "RateLimit-Limit": "1",
    "RateLimit-Remaining": "0",
    "RateLimit-Reset": "60",
  });
  expect(rateHeaders(reserve(log, call({ limit: 1, now: T + 1 })).decision)).toEqual({
    "RateLimit-Limit": "1",
    "RateLimit-Remaining": "0",
    "RateLimit-Reset": "60",
    "Retry-After": "60",
  });
});

/** What happens to a webhook, in any order. Times in milliseconds since the event before. */
const events = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("call" as const), delivery: fc.option(fc.nat(3)) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("confirm" as const), pick: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("release" as const), pick: fc.nat() }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 25_000 }) }),
    },
  ),
  { maxLength: 60 },
);

const settle = (log: Log, { id, state }: { id: string; state: string }) =>
  state === "confirmed" ? confirm(log, new Set([id])) : release(log, id);

test("decides as a model does that remembers every call and counts them all each time", () => {
  fc.assert(
    fc.property(
      events,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 90 }),
      (happened, limit, windowSeconds) => {
        const model: {
          id: string;
          delivery: string | null;
          at: number;
          state: "reserved" | "confirmed" | "released";
        }[] = [];
        const rate = { limit, windowSeconds };
        let log: Log = [];
        /** Only what the object keeps in memory: the rule must decide the same from that. */
        let memory: Log = [];
        let now = T;
        for (const event of happened) {
          const reserved = model.filter(({ state }) => state === "reserved");
          if (event.kind === "wait") now += event.ms;
          else if (event.kind === "call") {
            const deliveryId = event.delivery === null ? null : `d${event.delivery}`;
            const id = `m${model.length}`;
            const counting = model.filter(
              (one) => one.state === "confirmed" || (one.state === "reserved" && now - one.at < RESERVATION_MS),
            );
            const first = counting.findLast((one) => deliveryId !== null && one.delivery === deliveryId);
            const lost = model.filter(
              (one) =>
                one.state === "reserved" && now - one.at >= RESERVATION_MS && now - one.at < windowSeconds * 1_000,
            );
            const used = counting.filter((one) => now - one.at < windowSeconds * 1_000).length;
            const expected = first
              ? first.state === "confirmed"
                ? "duplicate"
                : "pending"
              : lost.length > 0
                ? "unsettled"
                : used < limit
                  ? "admitted"
                  : "limited";
            const asked = { executionId: id, deliveryId, now, ...rate };
            const decided = reserve(log, asked);
            const known = log.findLast((one) => one.deliveryId === deliveryId && deliveryId !== null) ?? null;
            const fromMemory = reserve(withinWindow(memory, rate, now), asked, known);
            expect(decided.decision.kind).toBe(expected);
            expect(fromMemory.decision).toEqual(decided.decision);
            if (decided.decision.kind === "limited") {
              const { retryAfterSeconds } = decided.decision;
              expect(reserve(log, { ...asked, now: now + retryAfterSeconds * 1_000 }).decision.kind).not.toBe(
                "limited",
              );
            }
            log = decided.log;
            memory = fromMemory.log;
            for (const one of expected === "unsettled" ? lost : []) {
              one.state = one.id.endsWith("1") ? "confirmed" : "released";
              log = settle(log, one);
              memory = settle(memory, one);
            }
            if (expected === "admitted") model.push({ id, delivery: deliveryId, at: now, state: "reserved" });
          } else {
            const one = reserved[event.pick % Math.max(1, reserved.length)];
            if (one === undefined) continue;
            one.state = event.kind === "confirm" ? "confirmed" : "released";
            log = settle(log, one);
            memory = settle(memory, one);
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});
