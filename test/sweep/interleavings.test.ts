import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { executionsOf, STEPS, unlessOnce, unlessPaidOnce, workflowOf } from "./executions.ts";
import { violations } from "./invariants.ts";
import { type Outside, openOutside } from "./outside.ts";
import { openSweep } from "./sweep.ts";
import { type Teller, World, wipe } from "./world.ts";

const MINUTE = 60_000;

let teller: Teller;
let outside: Outside;
let world: World;
beforeAll(async () => {
  teller = await openSweep();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await wipe();
});

async function begin(): Promise<World> {
  outside = openOutside();
  for (const level of ["debug", "info", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation(() => undefined);
  }
  world = new World(teller, outside, null);
  await world.insist("PUT", "/api/credentials/openai", { apiKey: "sk-of-this-run" });
  return world;
}

/** Numbers between 0 and 1 that are the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

async function execute(workflowId: string): Promise<void> {
  await world.insist("POST", `/api/workflows/${workflowId}/execute`, {}, { "Idempotency-Key": crypto.randomUUID() });
}

/** What is wrong once everything has come to rest. */
async function faultsOf(workflowIds: readonly string[]): Promise<string[]> {
  await world.settle();
  const each = await Promise.all(workflowIds.map((id) => unlessOnce(id)));
  return [...each.flat(), ...(await violations(null))];
}

const SEEDS = Array.from({ length: 8 }, (_, place) => place + 1);

describe("messages of the queue", () => {
  test.each(SEEDS)("that come twice, at once and in any order run every step once (seed %i)", async (seed) => {
    await begin();
    const ids = [await workflowOf(world), await workflowOf(world), await workflowOf(world)];
    for (const id of ids) await execute(id);
    await world.drainWildly(seeded(seed));
    const faults = await faultsOf(ids);
    const steps = ids.length * STEPS;
    expect([
      ...faults,
      ...(await unlessPaidOnce({ calls: outside.calls.length, steps, paid: 0, died: false })),
    ]).toEqual([]);
    expect(outside.calls).toHaveLength(steps);
  });

  test.each(SEEDS)("that come to clocks up to ten minutes off lose and double nothing (seed %i)", async (seed) => {
    await begin();
    const random = seeded(seed);
    world.skew = () => Math.round((random() * 2 - 1) * 10 * MINUTE);
    const ids = [await workflowOf(world), await workflowOf(world)];
    for (const id of ids) await execute(id);
    await world.drain();
    world.skew = () => 0;
    expect(await faultsOf(ids)).toEqual([]);
    expect(outside.calls).toHaveLength(ids.length * STEPS);
  });

  test("that nobody understands go to the dead letters alone, and nine of ten are worked on", async () => {
    await begin();
    const ids = await Promise.all(Array.from({ length: 3 }, () => workflowOf(world)));
    for (const id of ids) await execute(id);
    world.put({ kind: "of another time" }, "no object", null, 7, [], { workspaceId: 1 }, {});
    await world.drainWildly(seeded(1));
    expect(await faultsOf(ids)).toEqual([]);
  });
});

describe("crons", () => {
  test.each([0, 10 * MINUTE, -10 * MINUTE])("at once, on a clock that is %i ms off, start a run once", async (skew) => {
    await begin();
    const workflowId = await workflowOf(world);
    const due = new Date(Math.ceil(Date.now() / MINUTE) * MINUTE + 15 * MINUTE);
    const cronExpression = `${due.getUTCMinutes()} ${due.getUTCHours()} ${due.getUTCDate()} ${due.getUTCMonth() + 1} *`;
    await world.insist("POST", `/api/workflows/${workflowId}/schedules`, { cronExpression });
    world.pass(due.getTime() + 2_000 - Date.now());
    await Promise.all([world.tick(), world.tick(), world.tick()]);
    world.pass(skew);
    await Promise.all([world.tick(), world.tick()]);
    await world.drain();
    world.pass(-skew);
    expect(await faultsOf([workflowId])).toEqual([]);
    expect(await executionsOf(workflowId)).toHaveLength(1);
    expect(outside.calls).toHaveLength(STEPS);
  });
});
