import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { RecordedCall } from "../../../src/webhooks/gate-calls.ts";
import { confirmCall, keepCall, takingAlong } from "../../../src/webhooks/settlements.ts";
import type { Settlement } from "../../../src/webhooks/webhook-gate.ts";

type Port = Parameters<typeof keepCall>[0];

/** A port whose gate notes what it is told on a trip of its own, as `passes(ms)` lets time pass. */
function portOf() {
  let now = 1_000;
  const trips: { webhookId: string; settlement: Settlement }[] = [];
  const sleeping: { until: number; wake: () => void }[] = [];
  const unused = () => Promise.reject(new Error("not asked for here"));
  const port: Port = {
    engine: {
      clock: { now: () => now },
      sleep: (ms) => new Promise<void>((wake) => sleeping.push({ until: now + ms, wake })),
      background: (work) => void work,
      log: { log: () => undefined },
    },
    gates: (webhookId) => ({
      settle: async (settlement) => {
        trips.push({ webhookId, settlement });
      },
      reserve: unused,
      calls: unused,
      call: unused,
      clear: unused,
    }),
  };
  const passes = async (ms: number) => {
    for (const end = now + ms; now < end; now += 100) {
      const [due, rest] = [sleeping.filter(({ until }) => until <= now), sleeping.filter(({ until }) => until > now)];
      sleeping.splice(0, sleeping.length, ...rest);
      for (const { wake } of due) wake();
      await setImmediate();
    }
  };
  return { port, trips, passes };
}

const call = (id: string, payload = "{}"): RecordedCall => ({
  id,
  at: 1_000,
  ip: null,
  status: 202,
  outcome: "started",
  failedCheck: null,
  executionId: `execution of ${id}`,
  durationMs: 5,
  detail: null,
  payload,
  keptUntil: null,
});

const idsOf = (settlement: Settlement | null) => settlement?.calls.map(({ id }) => id) ?? null;

describe("what is gathered for a webhook's gate", () => {
  it("goes along with the next question to it, and makes no trip of its own then", async () => {
    const { port, trips, passes } = portOf();
    confirmCall(port, "hook", "execution of a");
    keepCall(port, "hook", call("a"));
    keepCall(port, "other", call("b"));
    const along = await takingAlong(port, "hook", async (taken) => taken);
    expect(along).toMatchObject({ confirmed: ["execution of a"], released: [] });
    expect(idsOf(along)).toEqual(["a"]);
    await passes(1_100);
    expect(trips.map(({ webhookId, settlement }) => [webhookId, idsOf(settlement)])).toEqual([["other", ["b"]]]);
  });

  it("makes a trip of its own within a second when nobody asks", async () => {
    const { port, trips, passes } = portOf();
    keepCall(port, "hook", call("a"));
    await passes(1_100);
    expect(trips.map(({ settlement }) => idsOf(settlement))).toEqual([["a"]]);
    expect(await takingAlong(port, "hook", async (taken) => taken)).toBeNull();
  });

  it("is gathered again when the question fails", async () => {
    const { port, trips, passes } = portOf();
    confirmCall(port, "hook", "execution of a");
    keepCall(port, "hook", call("a"));
    const failing = takingAlong(port, "hook", () => Promise.reject(new Error("the gate is away")));
    await expect(failing).rejects.toThrow("the gate is away");
    await passes(1_100);
    expect(trips.map(({ settlement }) => [settlement.confirmed, idsOf(settlement)])).toEqual([
      [["execution of a"], ["a"]],
    ]);
  });

  it("is gathered again in front of what came since, and troubles no further question", async () => {
    const { port, trips, passes } = portOf();
    keepCall(port, "hook", call("old"));
    const failing = takingAlong(port, "hook", async () => {
      for (let calls = 0; calls < 10; calls += 1) keepCall(port, "hook", call(`new ${calls}`));
      throw new Error("the gate cannot take this down");
    });
    await expect(failing).rejects.toThrow("cannot take this down");
    expect(await takingAlong(port, "hook", async (taken) => taken)).toBeNull();
    await passes(1_100);
    expect(trips.map(({ settlement }) => idsOf(settlement))).toEqual([
      Array.from({ length: 10 }, (_, index) => `new ${index}`),
    ]);
  });

  it("is told to the end when the caller who takes it along hangs up", async () => {
    const { port, passes } = portOf();
    const behind: Promise<unknown>[] = [];
    const answer = Promise.withResolvers<void>();
    keepCall(port, "hook", call("a"));
    const held = {
      ...port,
      engine: { ...port.engine, background: (work: Promise<unknown>) => void behind.push(work) },
    };
    const asking = takingAlong(held, "hook", () => answer.promise);
    expect(behind).toHaveLength(1);
    answer.resolve();
    await Promise.all([asking, ...behind]);
    await passes(1_100);
  });

  it("waits for its own trip when it is long, so that no caller waits for it", async () => {
    const { port, trips, passes } = portOf();
    keepCall(port, "hook", call("a", JSON.stringify("x".repeat(50_000))));
    expect(await takingAlong(port, "hook", async (taken) => taken)).toBeNull();
    await passes(1_100);
    expect(trips.map(({ settlement }) => idsOf(settlement))).toEqual([["a"]]);
  });

  it("makes no trip for a webhook that is called all the time, and one soon after the last call", async () => {
    const { port, trips, passes } = portOf();
    for (let calls = 0; calls < 200; calls += 1) {
      await takingAlong(port, "hook", async () => undefined);
      keepCall(port, "hook", call(`call ${calls}`));
      await passes(100);
    }
    // All is written now and then, since no request may go on for ever behind its answer.
    expect(trips.length).toBeLessThanOrEqual(2);
    const sent = trips.length;
    await passes(1_100);
    expect(trips.slice(sent).map(({ settlement }) => idsOf(settlement))).toEqual([["call 199"]]);
  });
});
