import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RecordedCall } from "../../src/webhooks/gate-calls.ts";
import type { Asked } from "../../src/webhooks/webhook-gate.ts";

const HOUR_MS = 3_600_000;

// Only what tells the time of day stands still: the objects share this isolate's Date, and timers go on.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const wait = (ms: number) => vi.setSystemTime(Date.now() + ms);

let names = 0;
function newGate() {
  names += 1;
  return env.WEBHOOK_GATE.getByName(`webhook-${names}`);
}
type Gate = ReturnType<typeof newGate>;

let executions = 0;
function reservation(partial: Partial<Asked> = {}): Asked {
  executions += 1;
  return {
    executionId: `e${executions}`,
    deliveryId: null,
    limit: 100,
    windowSeconds: 3_600,
    now: Date.now(),
    waitMs: 2_000,
    ...partial,
  };
}

let ids = 0;
function recorded(partial: Partial<RecordedCall> = {}): RecordedCall {
  ids += 1;
  return {
    id: `c${ids}`,
    at: Date.now(),
    ip: "203.0.113.7",
    status: 202,
    outcome: "started",
    failedCheck: null,
    executionId: null,
    durationMs: 12,
    detail: null,
    payload: '{"a":1}',
    keptUntil: null,
    ...partial,
  };
}

const confirm = (gate: Gate, executionId: string) => gate.settle({ confirmed: [executionId], released: [], calls: [] });
const release = (gate: Gate, executionId: string) => gate.settle({ confirmed: [], released: [executionId], calls: [] });
const record = (gate: Gate, ...calls: RecordedCall[]) => gate.settle({ confirmed: [], released: [], calls });

/** Reserves and confirms, as a call that goes well does. */
async function admit(gate: Gate, partial: Partial<Asked> = {}) {
  const call = reservation(partial);
  const decision = await gate.reserve(call);
  if (decision.kind === "admitted") await confirm(gate, call.executionId);
  return decision;
}

async function kinds(decisions: Promise<{ kind: string }>[]) {
  const counts: Record<string, number> = {};
  for (const { kind } of await Promise.all(decisions)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

const burst = (gate: Gate, size: number, partial: Partial<Asked> = {}) =>
  kinds(Array.from({ length: size }, () => admit(gate, partial)));

const rowsOf = (gate: Gate) =>
  runInDurableObject(gate, (_, state) => state.storage.sql.exec("SELECT count(*) AS n FROM slots").one().n);

describe("the limit", () => {
  test("a burst of 150 at once gets exactly 100 in", async () => {
    const gate = newGate();
    expect(await burst(gate, 150)).toEqual({ admitted: 100, limited: 50 });
    expect(await gate.reserve(reservation())).toEqual({
      kind: "limited",
      limit: 100,
      remaining: 0,
      resetSeconds: 3_600,
      retryAfterSeconds: 3_600,
    });
  });

  test("outlives an eviction in the middle of the window, and no more than the window", async () => {
    const gate = newGate();
    await burst(gate, 60);
    wait(HOUR_MS / 2);
    await evictDurableObject(gate);
    expect(await burst(gate, 60)).toEqual({ admitted: 40, limited: 20 });
    wait(HOUR_MS / 2);
    await evictDurableObject(gate);
    expect(await burst(gate, 100)).toEqual({ admitted: 60, limited: 40 });
  });

  test("that is changed applies to the next call, and looks back on what came before", async () => {
    const gate = newGate();
    await burst(gate, 10, { limit: 10 });
    expect(await burst(gate, 10, { limit: 15 })).toEqual({ admitted: 5, limited: 5 });
    expect(await burst(gate, 1, { limit: 5 })).toEqual({ limited: 1 });
    wait(60_000);
    expect(await burst(gate, 3, { limit: 2, windowSeconds: 60 })).toEqual({ admitted: 2, limited: 1 });
    // 15 and 2 stand in the hour: a window that was short for a while has forgotten none of them.
    expect(await burst(gate, 10, { limit: 20 })).toEqual({ admitted: 3, limited: 7 });
    expect(await burst(gate, 1, { limit: 20, windowSeconds: 30 })).toEqual({ admitted: 1 });
    expect(await burst(gate, 1, { limit: 20 })).toEqual({ limited: 1 });
  });

  test("is given back by a release, and a reservation that ran out is to be looked up before anybody is let in", async () => {
    const gate = newGate();
    const held = reservation({ limit: 1 });
    await gate.reserve(held);
    expect(await burst(gate, 1, { limit: 1 })).toEqual({ limited: 1 });
    await release(gate, held.executionId);
    const lost = reservation({ limit: 1 });
    expect((await gate.reserve(lost)).kind).toBe("admitted");
    wait(29_999);
    expect(await burst(gate, 1, { limit: 1 })).toEqual({ limited: 1 });
    wait(1);
    const unsettled = { kind: "unsettled", executionIds: [lost.executionId] };
    expect(await gate.reserve(reservation({ limit: 1 }))).toMatchObject(unsettled);
    await evictDurableObject(gate);
    await runDurableObjectAlarm(gate);
    expect(await gate.reserve(reservation({ limit: 1 }))).toMatchObject(unsettled);
    await release(gate, lost.executionId);
    expect(await burst(gate, 2, { limit: 1 })).toEqual({ admitted: 1, limited: 1 });
  });

  test("is not widened by reservations that ran out when the window is read again", async () => {
    const gate = newGate();
    await burst(gate, 3, { limit: 3 });
    const lost = reservation({ limit: 4 });
    await gate.reserve(lost);
    wait(30_000);
    await evictDurableObject(gate);
    const { executionId } = lost;
    expect(await gate.reserve(reservation({ limit: 2 }))).toMatchObject({ executionIds: [executionId], remaining: 0 });
    await release(gate, executionId);
    expect(await burst(gate, 2, { limit: 4 })).toEqual({ admitted: 1, limited: 1 });
  });

  test("counts an execution that was confirmed after its reservation ran out", async () => {
    const gate = newGate();
    const slow = reservation({ limit: 1 });
    await gate.reserve(slow);
    wait(31_000);
    expect((await gate.reserve(reservation({ limit: 2 }))).kind).toBe("unsettled");
    await confirm(gate, slow.executionId);
    expect(await burst(gate, 2, { limit: 2 })).toEqual({ admitted: 1, limited: 1 });
  });

  test("that is lowered while calls are under way and fail still counts what came before them", async () => {
    const gate = newGate();
    await burst(gate, 7, { limit: 10 });
    const underWay = [1, 2, 3].map(() => reservation({ limit: 10 }));
    for (const call of underWay) await gate.reserve(call);
    expect(await burst(gate, 1, { limit: 3 })).toEqual({ limited: 1 });
    for (const { executionId } of underWay) await release(gate, executionId);
    expect(await burst(gate, 4, { limit: 3 })).toEqual({ limited: 4 });
  });
});

describe("copies of a delivery", () => {
  test("fifty at once start one, and all the others learn which", async () => {
    const gate = newGate();
    const calls = Array.from({ length: 50 }, () => reservation({ deliveryId: "d" }));
    const decisions = await Promise.all(
      calls.map(async (call) => {
        const decision = await gate.reserve(call);
        if (decision.kind === "admitted") await confirm(gate, call.executionId);
        return { ...decision, own: call.executionId };
      }),
    );
    const [started, ...others] = decisions.filter(({ kind }) => kind === "admitted");
    expect(others).toEqual([]);
    const repeats = decisions.filter(({ kind }) => kind === "duplicate");
    expect(repeats).toHaveLength(49);
    for (const repeat of repeats) expect(repeat).toMatchObject({ executionId: started?.own, remaining: 99 });
  });

  test("one of those that wait takes the place of a first that failed", async () => {
    const gate = newGate();
    const first = reservation({ deliveryId: "d" });
    await gate.reserve(first);
    const copies = [reservation({ deliveryId: "d" }), reservation({ deliveryId: "d" })];
    const waiting = copies.map(async (copy) => {
      const decision = await gate.reserve(copy);
      if (decision.kind === "admitted") await confirm(gate, copy.executionId);
      return decision;
    });
    await release(gate, first.executionId);
    expect(await kinds(waiting)).toEqual({ admitted: 1, duplicate: 1 });
  });

  test("learn that the first is pending when it does not end in time", async () => {
    const gate = newGate();
    const first = reservation({ deliveryId: "d" });
    await gate.reserve(first);
    const copy = reservation({ deliveryId: "d", waitMs: 5 });
    expect(await gate.reserve(copy)).toMatchObject({ kind: "pending", executionId: first.executionId });
    await release(gate, first.executionId);
    expect((await gate.reserve(reservation({ deliveryId: "d" }))).kind).toBe("admitted");
  });

  test("are known for a day, over evictions and clean-ups, and while the limit is reached", async () => {
    const gate = newGate();
    const first = reservation({ deliveryId: "d", limit: 1 });
    await gate.reserve(first);
    await confirm(gate, first.executionId);
    const again = { kind: "duplicate", executionId: first.executionId };
    expect(await gate.reserve(reservation({ deliveryId: "d", limit: 1 }))).toMatchObject(again);
    wait(24 * HOUR_MS - 1);
    await runDurableObjectAlarm(gate);
    await evictDurableObject(gate);
    expect(await gate.reserve(reservation({ deliveryId: "d", limit: 1 }))).toMatchObject(again);
    wait(1);
    expect((await gate.reserve(reservation({ deliveryId: "d", limit: 1 }))).kind).toBe("admitted");
  });

  test("a reservation that is asked for again after a lost answer takes no second slot", async () => {
    const gate = newGate();
    const call = reservation({ deliveryId: "d" });
    await gate.reserve(call);
    await evictDurableObject(gate);
    expect(await gate.reserve(call)).toMatchObject({ kind: "admitted", remaining: 99 });
    expect(await rowsOf(gate)).toBe(1);
  });
});

describe("the last calls", () => {
  test("are kept as well by an object that was made before they had a detail", async () => {
    const gate = newGate();
    await record(gate, recorded({ id: "old", detail: "lost" }));
    await runInDurableObject(gate, (_, state) => void state.storage.sql.exec("ALTER TABLE calls DROP COLUMN detail"));
    await evictDurableObject(gate);
    await record(gate, recorded({ id: "new", detail: "why" }));
    expect((await gate.calls()).map(({ id, detail }) => [id, detail])).toEqual([
      ["new", "why"],
      ["old", null],
    ]);
  });

  test("are ten that were let in and ten that were not, newest first, over an eviction", async () => {
    const gate = newGate();
    for (let n = 0; n < 12; n += 1) {
      const call = reservation();
      await gate.reserve(call);
      const { executionId } = call;
      await gate.settle({
        confirmed: [executionId],
        released: [],
        calls: [recorded({ id: `in${n}`, executionId })],
      });
      wait(1);
    }
    for (let n = 0; n < 15; n += 1) {
      await record(
        gate,
        recorded({ id: `out${n}`, outcome: "refused", status: 403, failedCheck: "address", payload: null }),
      );
      wait(1);
    }
    await evictDurableObject(gate);
    const listed = (await gate.calls()).map(({ id }) => id);
    const newest = (prefix: string, last: number) => Array.from({ length: 10 }, (_, n) => `${prefix}${last - n}`);
    expect(listed).toEqual([...newest("out", 14), ...newest("in", 11)]);
  });

  test("show the start of a payload, give all of it for a replay, and nothing of a refused stranger's", async () => {
    const gate = newGate();
    const payload = JSON.stringify({ text: "é🙂".repeat(400) });
    const call = recorded({ payload, executionId: "e", durationMs: 3.6 });
    await record(gate, call);
    await record(gate, recorded({ id: "stranger", outcome: "refused", payload: null }));
    const [, shown] = await gate.calls();
    const { keptUntil: _, payload: __, ...facts } = call;
    const listed = { ...facts, durationMs: 4, payloadPreview: [...payload].slice(0, 500).join(""), replayable: true };
    expect(shown).toEqual(listed);
    expect(await gate.call(call.id)).toEqual({ ...listed, payload });
    expect(await gate.call("stranger")).toMatchObject({ payload: null, payloadPreview: null, replayable: false });
    expect(await gate.call("unknown")).toBeNull();
  });

  test("keep no payload over 100 KB, and one call once", async () => {
    const gate = newGate();
    const fits = recorded({ payload: JSON.stringify("x".repeat(102_398)) });
    const tooLong = recorded({ payload: JSON.stringify("é".repeat(60_000)) });
    await record(gate, fits);
    await record(gate, tooLong);
    await record(gate, { ...fits, status: 500 });
    expect(await gate.calls()).toMatchObject([
      { id: tooLong.id, replayable: false },
      { id: fits.id, replayable: true, status: 202 },
    ]);
  });

  test("are forgotten when their time is up, from the answers at once and from the storage with the next clean-up", async () => {
    const gate = newGate();
    const call = recorded({ keptUntil: Date.now() + HOUR_MS });
    await record(gate, call);
    wait(HOUR_MS);
    expect(await gate.calls()).toEqual([]);
    expect(await gate.call(call.id)).toBeNull();
    expect(await runDurableObjectAlarm(gate)).toBe(true);
    const left = await runInDurableObject(gate, (_, state) => state.storage.sql.exec("SELECT id FROM calls").toArray());
    expect(left).toEqual([]);
    // Nothing is left to look after: an idle webhook is not woken every hour.
    expect(await runDurableObjectAlarm(gate)).toBe(false);
  });
});

describe("the storage", () => {
  test("loses slots that can decide nothing any more, hourly while there are any", async () => {
    const gate = newGate();
    await burst(gate, 5, { deliveryId: null });
    await gate.reserve(reservation());
    wait(HOUR_MS);
    expect(await runDurableObjectAlarm(gate)).toBe(true);
    // The reservation that ran out stays as long as a window may be: somebody has yet to look it up.
    expect(await rowsOf(gate)).toBe(6);
    wait(23 * HOUR_MS);
    expect(await runDurableObjectAlarm(gate)).toBe(true);
    expect(await rowsOf(gate)).toBe(0);
    expect(await runDurableObjectAlarm(gate)).toBe(false);
    expect((await admit(gate)).kind).toBe("admitted");
    expect(await runDurableObjectAlarm(gate)).toBe(true);
  });

  test("is empty when the webhook is deleted, and serves one of the same name again", async () => {
    const gate = newGate();
    await burst(gate, 3, { limit: 3 });
    await record(gate, recorded());
    await gate.clear();
    const left = await runInDurableObject(gate, (_, state) =>
      state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name IN ('slots', 'calls')").toArray(),
    );
    expect(left).toEqual([]);
    expect(await runDurableObjectAlarm(gate)).toBe(false);
    expect(await burst(gate, 4, { limit: 3 })).toEqual({ admitted: 3, limited: 1 });
    expect(await gate.calls()).toEqual([]);
  });
});
