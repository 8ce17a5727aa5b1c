import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { openDb } from "../../src/db/client.ts";
import type { Engine } from "../../src/executions/index.ts";
import { consumeDeadLetters, getExecution } from "../../src/executions/index.ts";
import { getSchedule, updateSchedule } from "../../src/schedules/index.ts";
import { pauseSchedule } from "../../src/schedules/update-schedule.ts";
import { deleteWorkflow } from "../../src/workflows/index.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { batchOf, ctxWith, type TestEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import {
  at,
  beforeBatch,
  dbAfter,
  EVERY_FIVE,
  engineAt,
  executionsOf,
  goOn,
  inShort,
  moveTo,
  runsOf,
  START,
  scheduled,
  tick,
  tickAt,
} from "../worker/schedules.ts";
import { createWorkflow } from "../worker/workflows.ts";

let owner: Account;
beforeAll(async () => {
  owner = await signUp("Olga");
});
afterEach(async () => {
  vi.restoreAllMocks();
  // A schedule of one test must not be dispatched by the next.
  await env.DB.prepare("DELETE FROM schedules").run();
});

describe("a dispatch that is more than one invocation may do", () => {
  /** Schedules that at 10:10 each take reading an output to find that they do not run, and the due retry of another. */
  const costly = async (count: number) => {
    answerAsOpenAi(({ system }) => (system === "You are bad." ? { status: 400 } : { text: "done" }));
    const engine = engineAt(START);
    const conditional: string[] = [];
    for (let each = 0; each < count; each += 1) {
      const workflowId = await createWorkflow(owner, ["a"]);
      const condition = { expression: "!last || last.output == 'undone'" };
      conditional.push((await scheduled(owner, engine, workflowId, { ...EVERY_FIVE, condition })).id);
    }
    const failing = await createWorkflow(owner, ["bad"]);
    const { id: retrying } = await scheduled(owner, engine, failing, {
      cronExpression: "9 10 * * *",
      maxRetries: 1,
      retryDelaySeconds: 30,
    });
    for (const time of ["10:05", "10:09"]) {
      await tickAt(engine, at(time));
      await engine.drain();
    }
    await tickAt(engine, "2027-03-01T10:09:10Z");
    moveTo(engine, at("10:10"));
    return { engine, conditional, retrying };
  };
  const at1010 = async (engine: TestEngine, ids: readonly string[]) => {
    const runs = await Promise.all(ids.map((id) => runsOf(owner, engine, id)));
    return runs.map((each) => inShort(each).find((run) => run.startsWith("10:10")) ?? "none");
  };
  const SHORT = 400;

  test("writes what it decided, begins retries, and comes to its end in a few messages", async () => {
    const { engine, conditional, retrying } = await costly(14);
    let messages = await tick(engine, { db: dbAfter(SHORT) });
    const first = await at1010(engine, conditional);
    expect(first.filter((run) => run === "10:10 skipped").length).toBeGreaterThan(3);
    expect(first.filter((run) => run === "10:10 pending").length).toBeGreaterThan(3);
    expect(inShort(await runsOf(owner, engine, retrying))).toEqual(["10:09 failed", "10:09 running (attempt 2)"]);
    let hops = 0;
    for (let [message] = messages; message; [message] = messages) {
      expect(messages).toEqual([{ kind: "dispatch", until: expect.any(Number), chain: message.chain, hop: hops + 1 }]);
      messages = await goOn(engine, message, { db: dbAfter(SHORT) });
      hops += 1;
      expect(hops).toBeLessThan(4);
    }
    expect(hops).toBeGreaterThan(0);
    expect(new Set(await at1010(engine, conditional))).toEqual(new Set(["10:10 skipped"]));
  });

  test("is gone on with by one chain of messages, however many ticks come and however often one is delivered", async () => {
    const { engine, conditional } = await costly(24);
    const [message] = await tick(engine, { db: dbAfter(450) });
    if (!message) throw new Error("a message for the rest was to be sent");
    // The next minute's tick has more left than it can do, too.
    expect(await tick(engine, { db: dbAfter(450) })).toEqual([]);
    const [next, ...more] = await goOn(engine, message, { db: dbAfter(450) });
    expect([next?.hop, more]).toEqual([2, []]);
    const before = await at1010(engine, conditional);
    expect(await goOn(engine, message)).toEqual([]);
    expect(await at1010(engine, conditional)).toEqual(before);
    // Lost: once its time is over another chain takes its place, and it comes too late.
    engine.clock.advance(3 * 60_000);
    const [anew] = await tick(engine, { db: dbAfter(450) });
    if (!anew || !next) throw new Error("two chains were to be begun");
    expect(anew.chain).not.toBe(message.chain);
    expect(await goOn(engine, next)).toEqual([]);
    expect(await goOn(engine, anew)).toEqual([]);
    // The chain that came to its end keeps no other from beginning.
    await env.DB.prepare("DELETE FROM schedules").run();
    expect(await env.DB.prepare("SELECT chain, lease_until FROM dispatch_chain").first()).toEqual({
      chain: "",
      lease_until: 0,
    });
  });

  test("is let go as a dead letter, and the next cron goes on", async () => {
    const { engine, conditional } = await costly(14);
    const [message] = await tick(engine, { db: dbAfter(SHORT) });
    let acknowledged = 0;
    const log: Engine["log"] = { log: () => undefined };
    const batch = batchOf([message, { kind: "unheard of" }], () => {
      acknowledged += 1;
    });
    await consumeDeadLetters({ ...engine, log }, batch);
    expect(acknowledged).toBe(2);
    await tickAt(engine, at("10:11"));
    expect(new Set(await at1010(engine, conditional))).toEqual(new Set(["10:10 skipped"]));
  });

  test("sends nothing when nothing moves, and says so", async () => {
    const { engine } = await costly(1);
    const logged: string[] = [];
    const log: Engine["log"] = { log: (_level, _part, text) => logged.push(text) };
    // Nothing is left of this invocation's queries: what is due waits for another.
    await tick(engine, { db: dbAfter(SHORT) });
    await env.DB.prepare(
      "UPDATE schedule_runs SET status = 'pending', due_at = 1, execution_id = NULL WHERE attempt = 2",
    ).run();
    expect(await tick(engine, { db: dbAfter(700), log })).toEqual([]);
    expect(logged).toEqual([expect.stringContaining("nothing of it moves")]);
  });
});

describe("besides", () => {
  test("a schedule goes with its workflow, and its runs with it", async () => {
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a"]);
    await scheduled(owner, engine, workflowId, EVERY_FIVE);
    await tickAt(engine, at("10:05"));
    await deleteWorkflow(ctxWith(owner, engine), workflowId);
    const left = await env.DB.prepare(
      "SELECT (SELECT count(*) FROM schedules) AS schedules, (SELECT count(*) FROM schedule_runs) AS runs",
    ).first();
    expect(left).toEqual({ schedules: 0, runs: 0 });
    await tickAt(engine, at("10:10"));
  });

  test("a change made while a tick works on what it read is what counts", async () => {
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a"]);
    const { id } = await scheduled(owner, engine, workflowId, EVERY_FIVE);
    moveTo(engine, at("10:05"));
    // Paused between the tick's read and its claim.
    const db = beforeBatch(1, () => pauseSchedule(ctxWith(owner, engine), id));
    await tick(engine, { db });
    expect(await executionsOf(workflowId)).toEqual([]);
    expect(await getSchedule(ctxWith(owner, engine), id)).toMatchObject({ enabled: false, nextRunAt: null });
  });

  test("a pause between the end of a run and its retry is honoured, and a retry runs only for its run", async () => {
    answerAsOpenAi(() => ({ status: 400 }));
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a"]);
    const settings = { cronExpression: "5 10 * * *", maxRetries: 1, retryDelaySeconds: 60 };
    const early = await scheduled(owner, engine, workflowId, settings);
    await tickAt(engine, at("10:05"));
    await engine.drain();
    moveTo(engine, at("10:06"));
    // Paused between the read of what has ended and what follows from it.
    await tick(engine, { db: beforeBatch(1, () => pauseSchedule(ctxWith(owner, engine), early.id)) });
    await tickAt(engine, at("10:08"));
    expect(inShort(await runsOf(owner, engine, early.id))).toEqual(["10:05 failed"]);

    const late = await scheduled(owner, engine, workflowId, { ...settings, cronExpression: "10 10 * * *" });
    await tickAt(engine, at("10:10"));
    await engine.drain();
    await tickAt(engine, at("10:10"));
    const before = (await executionsOf(workflowId)).length;
    moveTo(engine, at("10:12"));
    // Between the read of what is due and the batch that writes the retry, the only one of this tick.
    await tick(engine, { db: beforeBatch(1, () => pauseSchedule(ctxWith(owner, engine), late.id)) });
    expect(inShort(await runsOf(owner, engine, late.id))).toEqual(["10:10 failed", "10:10 skipped (attempt 2)"]);
    expect(await executionsOf(workflowId)).toHaveLength(before);
  });

  test("a count of failures that somebody set back meanwhile is not brought back", async () => {
    answerAsOpenAi(() => ({ status: 400 }));
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a"]);
    const { id } = await scheduled(owner, engine, workflowId, EVERY_FIVE);
    await env.DB.prepare("UPDATE schedules SET failures = 8").run();
    await tickAt(engine, at("10:05"));
    await engine.drain();
    // An edit says that what was wrong is mended: counted from none.
    await tick(engine, { db: beforeBatch(1, () => updateSchedule(ctxWith(owner, engine), id, {})) });
    await tick(engine);
    expect(await env.DB.prepare("SELECT failures FROM schedules").first()).toEqual({ failures: 1 });
  });

  test("a history keeps its newest thousand runs", async () => {
    const engine = engineAt(START, { random: () => 0 });
    const workflowId = await createWorkflow(owner, ["a"]);
    const { id } = await scheduled(owner, engine, workflowId, EVERY_FIVE);
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
       INSERT INTO schedule_runs (workspace_id, schedule_id, scheduled_for, attempt, status)
       SELECT ?1, ?2, i * 60000, 1, 'skipped' FROM n`,
    )
      .bind(owner.workspaceId, id)
      .run();
    await tickAt(engine, at("10:05"));
    const kept = await env.DB.prepare(
      "SELECT count(*) AS runs, min(scheduled_for) AS oldest FROM schedule_runs",
    ).first();
    expect(kept).toEqual({ runs: 1_000, oldest: 202 * 60_000 });
  });

  test("the whole tick of a hundred schedules takes a handful of queries", async () => {
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a>b"]);
    const { id } = await scheduled(owner, engine, workflowId, EVERY_FIVE);
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99)
       INSERT INTO schedules (workspace_id, id, workflow_id, cron_expression, timezone, enabled, input, overlap, catch_up,
         jitter_seconds, pause_after_failures, max_retries, retry_delay_seconds, next_run_at, created_at, updated_at)
       SELECT workspace_id, id || '-' || i, workflow_id, cron_expression, timezone, enabled, input, overlap, catch_up,
         jitter_seconds, pause_after_failures, max_retries, retry_delay_seconds, next_run_at, created_at, updated_at
       FROM n, schedules WHERE id = ?1`,
    )
      .bind(id)
      .run();
    moveTo(engine, at("10:05"));
    const db = openDb(env.DB);
    await tick(engine, { db });
    expect(await executionsOf(workflowId)).toHaveLength(100);
    expect(db.usage.queries).toBeLessThan(25);
    expect(
      (await getExecution(ctxWith(owner, engine), engine, String((await executionsOf(workflowId))[0]?.id))).steps,
    ).toHaveLength(2);
  });
});
