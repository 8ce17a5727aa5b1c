import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { accountAt } from "../support/account.ts";
import { startTestInstance, type TestInstance } from "../support/instance.ts";
import { isRunning } from "../support/start-process.ts";
import { createWorkflow, execute, nodeOf } from "../support/workflows.ts";

/** A fork, a join, and a step behind it. */
const DIAMOND = ["a>b", "a>c", "b>d", "c>d", "d>e"];
const STEPS = 5;
const EARLY = ["early-1", "early-2", "early-3", "early-4", "early-5", "early-6"];
const LATE = ["late-1", "late-2", "late-3", "late-4", "late-5", "late-6"];

test("after a hard kill every accepted execution ends exactly once, and no call is booked twice", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "swarm-recovery-"));
  const started: TestInstance[] = [];
  const start = async () => {
    const instance = await startTestInstance({ stateDir });
    started.push(instance);
    return instance;
  };
  try {
    const before = await start();
    const person = await before.signUp();
    before.providers.on({}, (call) => ({ delayMs: nodeOf(call) === "a" ? 50 : 5_000 }));
    const workflowId = await createWorkflow(person, DIAMOND);

    const accepted = new Map<string, string>();
    const send = async (key: string) => accepted.set(key, await execute(person, workflowId, key));
    await Promise.all(EARLY.map(send));
    await expect.poll(() => before.providers.calls.map(nodeOf), { timeout: 20_000 }).toContain("b");
    // The kill comes upon the first answer: the other senders may or may not have been heard.
    const late = LATE.map(send);
    await Promise.race(late);
    for (const pid of before.runtimePids) process.kill(pid, "SIGKILL");
    await Promise.allSettled(late);
    await expect.poll(() => before.runtimePids.filter(isRunning)).toEqual([]);
    await before.stop();

    const after = await start();
    const found = await after.query("SELECT DISTINCT status FROM steps ORDER BY status");
    expect(found.map(({ status }) => status)).toEqual(expect.arrayContaining(["pending", "running", "succeeded"]));
    const [booked] = await after.query("SELECT count(*) AS calls FROM attempts");

    // Whoever got no answer asks again with the same key.
    const back = accountAt(after.url, person);
    const keys = [...EARLY, ...LATE];
    const again = await Promise.all(keys.map((key) => execute(back, workflowId, key)));
    expect(again).toEqual(keys.map((key, index) => accepted.get(key) ?? again[index]));
    expect(new Set(again).size).toBe(keys.length);

    // Leases and the grace of lost messages take 30 s to run out; then the cron picks them up.
    const live = "SELECT count(*) AS count FROM executions WHERE completed_at IS NULL";
    await expect
      .poll(
        async () => {
          await after.scheduled();
          return (await after.query(live))[0]?.count;
        },
        { timeout: 90_000, interval: 1_000 },
      )
      .toBe(0);

    expect(await after.query("SELECT status, count(*) AS count FROM executions GROUP BY status")).toEqual([
      { status: "succeeded", count: keys.length },
    ]);
    // Ended once each: every end counts itself on the version.
    expect(
      await after.query("SELECT sum(succeeded_count) AS ended, sum(failed_count) AS failed FROM versions"),
    ).toEqual([{ ended: keys.length, failed: 0 }]);
    const once = { rows: STEPS * keys.length, steps: STEPS * keys.length };
    for (const table of ["attempts", "execution_costs"]) {
      const count = `SELECT count(*) AS rows, count(DISTINCT execution_id || '/' || node_id) AS steps FROM ${table}`;
      expect(await after.query(count), table).toEqual([once]);
    }
    expect(await after.query("SELECT DISTINCT input_tokens, output_tokens FROM executions")).toEqual([
      { input_tokens: STEPS * 100, output_tokens: STEPS * 20 },
    ]);
    // What had been booked was not asked for again.
    expect(after.providers.calls).toHaveLength(once.rows - Number(booked?.calls));
  } finally {
    for (const instance of started) await instance.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}, 180_000);
