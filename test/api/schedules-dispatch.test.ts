import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { openDb } from "../../src/db/client.ts";
import { listEvents } from "../../src/events/list-events.ts";
import { cancelExecution } from "../../src/executions/cancel-execution.ts";
import type { Engine } from "../../src/executions/index.ts";
import { consumeDeadLetters, getExecution } from "../../src/executions/index.ts";
import { getSchedule, updateSchedule } from "../../src/schedules/index.ts";
import { pauseSchedule, resumeSchedule } from "../../src/schedules/update-schedule.ts";
import { tagVersion } from "../../src/versions/tag-version.ts";
import { deleteWorkflow } from "../../src/workflows/index.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { batchOf, ctxWith, type TestEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { dbAfter, engineAt, goOn, inShort, moveTo, runsOf, scheduled, tick, tickAt } from "../worker/schedules.ts";
import { versioning } from "../worker/versions.ts";
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

const EVERY_FIVE = { cronExpression: "*/5 * * * *" };
const START = "2027-03-01T10:00:30Z";
const at = (minutes: string) => `2027-03-01T${minutes}:02Z`;

async function executionsOf(workflowId: string) {
  const { results } = await env.DB.prepare(
    "SELECT id, status, trigger_type, trigger_id, retry_of, version_number, input FROM executions WHERE workflow_id = ? ORDER BY id",
  )
    .bind(workflowId)
    .all();
  return results;
}

async function eventsOf(engine: TestEngine, type: "schedule_paused") {
  return (await listEvents(ctxWith(owner, engine), { limit: 50, type })).items;
}

describe("a schedule that comes due", () => {
  test("starts an execution of the draft with its input, once, and moves on by the scheduled time", async () => {
    const calls = answerAsOpenAi(() => ({ text: "done" }));
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a>b"]);
    const made = await scheduled(owner, engine, workflowId, { ...EVERY_FIVE, input: { topic: "bees" } });
    expect(made.nextRunAt).toBe("2027-03-01T10:05:00.000Z");

    await tickAt(engine, "2027-03-01T10:04:59.999Z");
    expect(await executionsOf(workflowId)).toEqual([]);
    // A wake-up that is late by minutes shifts nothing.
    await tickAt(engine, "2027-03-01T10:08:40Z");
    await engine.drain();
    expect(calls).toHaveLength(2);
    const [execution] = await executionsOf(workflowId);
    expect(execution).toMatchObject({
      status: "succeeded",
      trigger_type: "schedule",
      trigger_id: made.id,
      version_number: 1,
      input: '{"topic":"bees"}',
    });
    expect(await getSchedule(ctxWith(owner, engine), made.id)).toMatchObject({
      nextRunAt: "2027-03-01T10:10:00.000Z",
      lastRunAt: "2027-03-01T10:08:40.000Z",
      executionCount: 1,
    });
    expect(await runsOf(owner, engine, made.id)).toEqual([
      {
        scheduledFor: "2027-03-01T10:05:00.000Z",
        attempt: 1,
        status: "succeeded",
        executionId: execution?.id,
        note: null,
      },
    ]);
  });

  test("is dispatched once by two dispatchers at once, and not again by a tick that comes twice", async () => {
    answerAsOpenAi(() => ({ text: "done" }));
    const engine = engineAt(START);
    const workflows = await Promise.all(["a", "b", "c"].map(() => createWorkflow(owner, ["a"])));
    for (const id of workflows) await scheduled(owner, engine, id, EVERY_FIVE);
    await scheduled(owner, engine, workflows[0] ?? "", { ...EVERY_FIVE, overlap: "allow" });

    moveTo(engine, at("10:05"));
    await Promise.all([tick(engine), tick(engine), tick(engine)]);
    await tick(engine);
    for (const [index, id] of workflows.entries()) {
      expect((await executionsOf(id)).length, `workflow ${index}`).toBe(index === 0 ? 2 : 1);
    }
    expect(engine.sent).toHaveLength(4);
  });

  test.each(["skip", "allow"] as const)(
    "is started once when another dispatcher comes between reading what is due and starting it (overlap %s)",
    async (overlap) => {
      answerAsOpenAi(() => ({ text: "done" }));
      const engine = engineAt(START);
      const workflowId = await createWorkflow(owner, ["a"]);
      const { id } = await scheduled(owner, engine, workflowId, { ...EVERY_FIVE, overlap });
      // Once before, so that the draft is committed: making its version would keep the second one out by itself.
      await tickAt(engine, at("10:05"));
      await engine.drain();
      moveTo(engine, at("10:10"));
      // The first batch settles, the second claims, the third starts.
      await tick(engine, { db: beforeBatch(3, () => tick(engine)) });
      expect(await executionsOf(workflowId)).toHaveLength(2);
      expect(engine.sent).toHaveLength(1);
      expect(await getSchedule(ctxWith(owner, engine), id)).toMatchObject({ executionCount: 2 });
      await engine.drain();
      expect(inShort(await runsOf(owner, engine, id))).toEqual(["10:05 succeeded", "10:10 succeeded"]);
    },
  );

  test("is neither lost nor doubled when the database fails before or behind any of a tick's calls", async () => {
    answerAsOpenAi(() => ({ text: "done" }));
    for (const behind of [false, true]) {
      for (let failing = 1; failing <= 6; failing += 1) {
        const engine = engineAt(START);
        const workflowId = await createWorkflow(owner, ["a"]);
        const { id } = await scheduled(owner, engine, workflowId, EVERY_FIVE);
        moveTo(engine, at("10:05"));
        await tick(engine, { db: failingDb(failing, behind), log: { log: () => undefined } });
        await tick(engine);
        await engine.drain();
        const what = `call ${failing} fails ${behind ? "behind" : "before"} its effect`;
        expect((await executionsOf(workflowId)).length, what).toBe(1);
        expect(await getSchedule(ctxWith(owner, engine), id), what).toMatchObject({ executionCount: 1 });
        await env.DB.prepare("DELETE FROM schedules").run();
      }
    }
  });

  test("that cannot be started tells why, counts as failed, and keeps no other from it", async () => {
    answerAsOpenAi(() => ({ text: "done" }));
    const engine = engineAt(START);
    const cyclic = await createWorkflow(owner, ["a>b", "b>a"]);
    const keyless = await createWorkflow(owner, ["a"], {
      agents: { a: { provider: "anthropic", model: "claude-haiku-4-5" } },
    });
    const picky = await createWorkflow(owner, ["a"], {
      settings: { inputSchema: { type: "object", required: ["topic"] } },
    });
    const { workflow, commit } = versioning(() => owner);
    const untagged = await workflow();
    const { body: version } = await commit(untagged, "First", "stable");
    const fine = await createWorkflow(owner, ["a"]);
    const broken = await scheduled(owner, engine, cyclic, EVERY_FIVE);
    const others = [
      await scheduled(owner, engine, keyless, EVERY_FIVE),
      await scheduled(owner, engine, picky, { ...EVERY_FIVE, input: { subject: 1 } }),
      await scheduled(owner, engine, untagged, { ...EVERY_FIVE, version: "stable" }),
    ];
    const good = await scheduled(owner, engine, fine, EVERY_FIVE);
    await tagVersion(ctxWith(owner, engine), version.id, { tag: null });

    await tickAt(engine, at("10:05"));
    expect(await executionsOf(fine)).toHaveLength(1);
    expect(inShort(await runsOf(owner, engine, good.id))).toEqual(["10:05 running"]);
    for (const [schedule, note] of [
      [broken, /cannot run as it is/],
      [others[0], /No key is set for anthropic/],
      [others[1], /inputSchema/],
      [others[2], /version or tag/],
    ] as const) {
      const [run] = await runsOf(owner, engine, schedule?.id ?? "");
      expect(run).toMatchObject({ status: "failed", executionId: null, note: expect.stringMatching(note) });
    }
  });

  test("runs the version that it names, and a pinned one is not changed by a save", async () => {
    const prompts = answerAsOpenAi(() => ({ text: "done" }));
    const { workflow, save, versions } = versioning(() => owner);
    const engine = engineAt(START);
    const id = await workflow("one");
    // Two saves by one author within minutes go into the same automatic version, unless a schedule runs it.
    await save(id, "two");
    await env.DB.prepare("UPDATE versions SET created_at = created_at + 1").run();
    const [head] = await versions(id);
    const { id: scheduleId } = await scheduled(owner, engine, id, { ...EVERY_FIVE, version: head?.version ?? 0 });
    await save(id, "three");
    expect((await versions(id))[0]?.version).toBe((head?.version ?? 0) + 1);

    await tickAt(engine, at("10:05"));
    await engine.drain();
    expect(prompts[0]?.prompt).toBe("two");
    expect(await getSchedule(ctxWith(owner, engine), scheduleId)).toMatchObject({ version: head?.version });
  });

  test("in a time zone fires by its clocks, over a change of them", async () => {
    answerAsOpenAi(() => ({ text: "done" }));
    // The clocks of New York go from 2:00 to 3:00 on 14 March 2027, at 7:00 UTC.
    const engine = engineAt("2027-03-13T20:00:00Z");
    const workflowId = await createWorkflow(owner, ["a"]);
    const timed = { cronExpression: "30 2 * * *", timezone: "America/New_York" };
    const shifted = await scheduled(owner, engine, workflowId, timed);
    const skipping = await scheduled(owner, engine, workflowId, { ...timed, dst: { gap: "skip" } });
    expect([shifted.nextRunAt, skipping.nextRunAt]).toEqual(["2027-03-14T07:00:00.000Z", "2027-03-15T06:30:00.000Z"]);
    expect([shifted.dst, skipping.dst]).toEqual([
      { gap: "shift", overlap: "first" },
      { gap: "skip", overlap: "first" },
    ]);
    await tickAt(engine, "2027-03-14T07:00:01Z");
    expect(await executionsOf(workflowId)).toHaveLength(1);
    expect((await getSchedule(ctxWith(owner, engine), shifted.id)).nextRunAt).toBe("2027-03-15T06:30:00.000Z");
  });

  test("with jitter is started up to that much later, at its scheduled time in the history", async () => {
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a"]);
    const { id } = await scheduled(owner, engine, workflowId, { cronExpression: "0 * * * *", jitterSeconds: 600 });
    await tickAt(engine, "2027-03-01T11:00:00Z");
    const [waiting] = await runsOf(owner, engine, id);
    expect(waiting).toMatchObject({ scheduledFor: "2027-03-01T11:00:00.000Z", status: "pending" });
    await tickAt(engine, "2027-03-01T11:10:00Z");
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["11:00 running"]);
    expect((await getSchedule(ctxWith(owner, engine), id)).nextRunAt).toBe("2027-03-01T12:00:00.000Z");
  });

  test("begins at startAt and is over behind endAt, when it is disabled and still retries its last run", async () => {
    answerAsOpenAi((_, count) => (count === 1 ? { status: 400 } : { text: "done" }));
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a"]);
    const { id, nextRunAt } = await scheduled(owner, engine, workflowId, {
      ...EVERY_FIVE,
      startAt: "2027-03-01T10:30:00Z",
      endAt: "2027-03-01T10:34:00Z",
      maxRetries: 1,
    });
    expect(nextRunAt).toBe("2027-03-01T10:30:00.000Z");
    await tickAt(engine, at("10:30"));
    expect(await getSchedule(ctxWith(owner, engine), id)).toMatchObject({ enabled: false, nextRunAt: null });
    await engine.drain();
    await tickAt(engine, at("10:31"), at("10:33"));
    await engine.drain();
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["10:30 failed", "10:30 succeeded (attempt 2)"]);
    await expect(resumeSchedule(ctxWith(owner, engine), id)).rejects.toMatchObject({ code: "schedule_invalid" });
  });
});

describe("times that were missed", () => {
  const missHour = async (catchUp: "skip" | "once" | "all", until = "11:05") => {
    answerAsOpenAi(() => ({ text: "done" }));
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a"]);
    const { id } = await scheduled(owner, engine, workflowId, { ...EVERY_FIVE, catchUp });
    moveTo(engine, at(until));
    for (let turn = 0; turn < 15; turn += 1) {
      await tick(engine);
      await engine.drain();
    }
    return { engine, workflowId, runs: await runsOf(owner, engine, id) };
  };

  test("are left out by skip, with one note for all of them, while what is on time runs", async () => {
    const { workflowId, runs } = await missHour("skip");
    expect(inShort(runs)).toEqual(["10:05 missed", "11:05 succeeded"]);
    expect(runs[0]?.note).toContain("with 11 more up to 2027-03-01T11:00:00.000Z");
    expect(await executionsOf(workflowId)).toHaveLength(1);
  });

  test("are made up for by one run by default, which says so", async () => {
    const { runs } = await missHour("once");
    expect(inShort(runs)).toEqual(["11:05 succeeded"]);
    expect(runs[0]?.note).toBe("Makes up for 12 missed since 2027-03-01T10:05:00.000Z.");
  });

  test("are each made up for by all, one after another and the one on time behind them", async () => {
    const { engine, workflowId, runs } = await missHour("all");
    expect(inShort(runs)).toEqual([
      ...["05", "10", "15", "20", "25", "30", "35", "40", "45", "50", "55"].map((minute) => `10:${minute} succeeded`),
      "11:00 succeeded",
      "11:05 succeeded",
    ]);
    expect(await executionsOf(workflowId)).toHaveLength(13);
    // Started in their order, never two at once.
    expect(engine.sent).toEqual([]);
  });

  test("are at most a hundred for all, and the others are noted", async () => {
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a"]);
    const { id } = await scheduled(owner, engine, workflowId, { ...EVERY_FIVE, catchUp: "all", overlap: "allow" });
    await tickAt(engine, "2027-03-08T10:02:00Z");
    const runs = await runsOf(owner, engine, id);
    expect(runs.filter(({ executionId }) => executionId !== null)).toHaveLength(101);
    expect(runs[0]).toMatchObject({ scheduledFor: "2027-03-01T10:05:00.000Z", status: "missed", executionId: null });
    expect(runs[0]?.note).toContain("at most 100");
  });
});

describe("a run that comes while the one before is under way", () => {
  const overlapping = async (overlap: "skip" | "allow" | "queue") => {
    answerAsOpenAi(() => ({ text: "done" }));
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a"]);
    const { id } = await scheduled(owner, engine, workflowId, { ...EVERY_FIVE, overlap });
    await tickAt(engine, at("10:05"), at("10:10"), at("10:15"));
    return { engine, id, workflowId };
  };

  test("is skipped by default, with a note", async () => {
    const { engine, id, workflowId } = await overlapping("skip");
    const runs = await runsOf(owner, engine, id);
    expect(inShort(runs)).toEqual(["10:05 running", "10:10 skipped", "10:15 skipped"]);
    expect(runs[1]).toMatchObject({ executionId: null, note: expect.stringContaining("not over") });
    await engine.drain();
    await tickAt(engine, at("10:20"));
    expect(await executionsOf(workflowId)).toHaveLength(2);
  });

  test("runs beside it with allow", async () => {
    const { engine, id } = await overlapping("allow");
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["10:05 running", "10:10 running", "10:15 running"]);
  });

  test("waits for it with queue, one run only, and begins when it is over", async () => {
    const { engine, id, workflowId } = await overlapping("queue");
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["10:05 running", "10:10 pending", "10:15 skipped"]);
    await engine.drain();
    await tickAt(engine, at("10:16"));
    await engine.drain();
    const runs = await runsOf(owner, engine, id);
    expect(inShort(runs)).toEqual(["10:05 succeeded", "10:10 succeeded", "10:15 skipped"]);
    expect(runs[1]?.note).toContain("Waited");
    expect(await executionsOf(workflowId)).toHaveLength(2);
  });

  test("is given up when the schedule is paused before it begins", async () => {
    const { engine, id } = await overlapping("queue");
    await pauseSchedule(ctxWith(owner, engine), id);
    await engine.drain();
    await tickAt(engine, at("10:16"), at("10:20"));
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["10:05 succeeded", "10:10 skipped", "10:15 skipped"]);
  });
});

describe("a run that fails", () => {
  test("is tried again as often as asked, each time later, and runs only what did not succeed", async () => {
    const calls = answerAsOpenAi(({ system }, count) =>
      system === "You are b." && count < 4 ? { status: 400 } : { text: "done" },
    );
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a>b"]);
    const { id } = await scheduled(owner, engine, workflowId, {
      cronExpression: "0 * * * *",
      maxRetries: 3,
      retryDelaySeconds: 60,
    });
    await tickAt(engine, at("11:00"));
    await engine.drain();
    await tickAt(engine, "2027-03-01T11:00:59Z");
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["11:00 failed", "11:00 pending (attempt 2)"]);
    await tickAt(engine, "2027-03-01T11:01:03Z");
    await engine.drain();
    // The second waits twice as long.
    await tickAt(engine, at("11:02"), at("11:03"));
    expect(inShort(await runsOf(owner, engine, id)).at(-1)).toBe("11:00 pending (attempt 3)");
    await tickAt(engine, at("11:04"));
    await engine.drain();
    await tick(engine);

    const runs = await runsOf(owner, engine, id);
    expect(inShort(runs)).toEqual(["11:00 failed", "11:00 failed (attempt 2)", "11:00 succeeded (attempt 3)"]);
    expect(calls.filter(({ system }) => system === "You are a.")).toHaveLength(1);
    const executions = await executionsOf(workflowId);
    expect(executions.map(({ retry_of }) => retry_of)).toEqual([null, executions[0]?.id, executions[1]?.id]);
    expect(runs.map(({ executionId }) => executionId)).toEqual(executions.map((execution) => execution.id));
    expect(await getSchedule(ctxWith(owner, engine), id)).toMatchObject({ executionCount: 3 });
  });

  test("ten times in a row pauses its schedule, with one event; a success in between counts from none", async () => {
    let good = false;
    answerAsOpenAi(() => (good ? { text: "done" } : { status: 400 }));
    const engine = engineAt("2027-03-01T10:00:30Z");
    const workflowId = await createWorkflow(owner, ["a"]);
    const { id } = await scheduled(owner, engine, workflowId, { cronExpression: "* * * * *", pauseAfterFailures: 3 });
    const minute = async (number: number) => {
      await tickAt(engine, `2027-03-01T10:${String(number).padStart(2, "0")}:01Z`);
      await engine.drain();
    };
    for (const number of [1, 2]) await minute(number);
    good = true;
    await minute(3);
    good = false;
    for (const number of [4, 5, 6]) await minute(number);
    expect(await getSchedule(ctxWith(owner, engine), id)).toMatchObject({ enabled: true });
    moveTo(engine, "2027-03-01T10:06:30Z");
    await Promise.all([tick(engine), tick(engine)]);
    expect(await getSchedule(ctxWith(owner, engine), id)).toMatchObject({ enabled: false, nextRunAt: null });
    const events = (await eventsOf(engine, "schedule_paused")).filter(({ data }) => data.scheduleId === id);
    expect(events).toEqual([
      expect.objectContaining({
        level: "warn",
        data: { scheduleId: id, workflowId },
        message: expect.stringMatching(/3 failed/),
      }),
    ]);
    await minute(7);
    expect(await executionsOf(workflowId)).toHaveLength(6);

    // Resumed, it counts from none again.
    await resumeSchedule(ctxWith(owner, engine), id);
    for (const number of [8, 9, 10]) await minute(number);
    expect(await getSchedule(ctxWith(owner, engine), id)).toMatchObject({ enabled: true });
  });

  test("is not counted when somebody cancelled it", async () => {
    answerAsOpenAi(() => ({ text: "done" }));
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a"]);
    const { id } = await scheduled(owner, engine, workflowId, { ...EVERY_FIVE, pauseAfterFailures: 1, maxRetries: 2 });
    await tickAt(engine, at("10:05"));
    const [run] = await runsOf(owner, engine, id);
    await cancelExecution(ctxWith(owner, engine), engine, run?.executionId ?? "");
    await tickAt(engine, at("10:06"));
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["10:05 cancelled"]);
    expect(await getSchedule(ctxWith(owner, engine), id)).toMatchObject({ enabled: true });
  });
});

describe("a condition", () => {
  test("looks at the last execution of this or another workflow, and leaves a note where it does not hold", async () => {
    answerAsOpenAi(({ system }) => ({ text: system === "You are a." ? "42" : "done" }));
    const engine = engineAt(START);
    const [source, target] = [await createWorkflow(owner, ["a"]), await createWorkflow(owner, ["b"])];
    const condition = {
      workflowId: source,
      expression: "last.status == 'succeeded' && last.output == '42' && last.ageSeconds < `600`",
    };
    const { id } = await scheduled(owner, engine, target, { ...EVERY_FIVE, condition });
    const erring = await scheduled(owner, engine, target, { ...EVERY_FIVE, condition: { expression: "abs(last)" } });
    await tickAt(engine, at("10:05"));
    const [none] = await runsOf(owner, engine, id);
    expect(none).toMatchObject({ status: "skipped", executionId: null, note: expect.stringContaining("no execution") });
    const [erred] = await runsOf(owner, engine, erring.id);
    expect(erred).toMatchObject({ status: "failed", note: expect.stringContaining("could not be evaluated") });

    const feeding = await scheduled(owner, engine, source, { cronExpression: "9 10 * * *" });
    await tickAt(engine, at("10:09"));
    await engine.drain();
    await tickAt(engine, at("10:10"));
    await engine.drain();
    await tickAt(engine, at("10:20"));
    expect(inShort(await runsOf(owner, engine, feeding.id))).toEqual(["10:09 succeeded"]);
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["10:05 skipped", "10:10 succeeded", "10:20 skipped"]);
  });
});

describe("what keeps one run from beginning", () => {
  test("does not have the next one skipped for a run that is not under way", async () => {
    answerAsOpenAi(() => ({ text: "done" }));
    const engine = engineAt(START);
    const workflowId = await createWorkflow(owner, ["a"]);
    const later = { cronExpression: "0 11 * * *" };
    const condition = { expression: "contains(scheduledFor, '10:10')" };
    const { id } = await scheduled(owner, engine, workflowId, { ...later, condition });
    const unstartable = await createWorkflow(owner, ["a>b", "b>a"]);
    const { id: refused } = await scheduled(owner, engine, unstartable, later);
    // Two have come due, as when no invocation came to start them.
    await env.DB.prepare(
      `INSERT INTO schedule_runs (workspace_id, schedule_id, scheduled_for, attempt, status, due_at)
       SELECT s.workspace_id, s.id, due.value, 1, 'pending', due.value FROM schedules s, json_each(?1) AS due`,
    )
      .bind(JSON.stringify([Date.parse("2027-03-01T10:05:00Z"), Date.parse("2027-03-01T10:10:00Z")]))
      .run();
    moveTo(engine, at("10:10"));
    await tick(engine);
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["10:05 skipped", "10:10 running"]);
    expect(inShort(await runsOf(owner, engine, refused))).toEqual(["10:05 failed", "10:10 pending"]);
    await tickAt(engine, at("10:11"));
    expect(inShort(await runsOf(owner, engine, refused))).toEqual(["10:05 failed", "10:10 failed"]);
  });

  test("by a fault keeps no other from it: a condition has erred, a retry is tried again for an hour", async () => {
    // Too large for a row, so that it lies in the bucket.
    const large = "x".repeat(300_000);
    answerAsOpenAi(({ system }) => (system === "You are bad." ? { status: 400 } : { text: large }));
    const engine = engineAt(START);
    const source = await createWorkflow(owner, ["a>bad"]);
    const retrying = await scheduled(owner, engine, source, {
      cronExpression: "5 10 * * *",
      maxRetries: 1,
      retryDelaySeconds: 300,
    });
    const outside = await createWorkflow(owner, ["a"]);
    await scheduled(owner, engine, outside, { cronExpression: "5 10 * * *" });
    await tickAt(engine, at("10:05"));
    await engine.drain();
    await tickAt(engine, at("10:06"));
    const { objects } = await env.OUTPUTS.list();
    await env.OUTPUTS.delete(objects.map(({ key }) => key));

    const target = await createWorkflow(owner, ["a"]);
    const condition = { workflowId: outside, expression: "last.output" };
    const asking = await scheduled(owner, engine, target, { ...EVERY_FIVE, condition });
    const plain = await scheduled(owner, engine, target, EVERY_FIVE);
    const logged: string[] = [];
    const log: Engine["log"] = { log: (level, _part, text) => level === "error" && logged.push(text) };
    moveTo(engine, at("10:10"));
    await tick(engine, { log });
    expect(inShort(await runsOf(owner, engine, plain.id))).toEqual(["10:10 running"]);
    const [erred] = await runsOf(owner, engine, asking.id);
    expect(erred).toMatchObject({ status: "failed", note: expect.stringContaining("could not be read") });
    expect(inShort(await runsOf(owner, engine, retrying.id))).toEqual(["10:05 failed", "10:05 pending (attempt 2)"]);
    expect(logged).toEqual([
      expect.stringMatching(/condition.*missing/),
      expect.stringMatching(/not tried again.*missing/),
    ]);
    await tick(engine, { log });
    expect(logged).toHaveLength(2);
    await tickAt(engine, at("11:12"));
    const [, given] = await runsOf(owner, engine, retrying.id);
    expect(given).toMatchObject({ attempt: 2, status: "failed", note: expect.stringContaining("for an hour") });
  });
});

describe("after another workflow", () => {
  test("each of its successes starts this one, and its failures do not", async () => {
    let good = true;
    answerAsOpenAi(() => (good ? { text: "done" } : { status: 400 }));
    const engine = engineAt(START);
    const [first, second] = [await createWorkflow(owner, ["a"]), await createWorkflow(owner, ["b"])];
    await scheduled(owner, engine, first, EVERY_FIVE);
    const { id, nextRunAt } = await scheduled(owner, engine, second, { after: { workflowId: first } });
    expect(nextRunAt).toBeNull();
    await tickAt(engine, at("10:05"));
    await engine.drain();
    await tickAt(engine, at("10:06"));
    await engine.drain();
    good = false;
    await tickAt(engine, at("10:10"));
    await engine.drain();
    await tickAt(engine, at("10:11"));
    await engine.drain();
    const runs = await runsOf(owner, engine, id);
    expect(inShort(runs)).toEqual(["10:05 succeeded"]);
    expect(await executionsOf(second)).toHaveLength(1);
    const [upstream] = await executionsOf(first);
    expect(runs[0]?.note).toBe(`after execution ${upstream?.id}`);
  });

  test("two successes in one millisecond are two runs", async () => {
    answerAsOpenAi(() => ({ text: "done" }));
    const engine = engineAt(START);
    const [first, second] = [await createWorkflow(owner, ["a"]), await createWorkflow(owner, ["b"])];
    for (let each = 0; each < 2; each += 1) await scheduled(owner, engine, first, EVERY_FIVE);
    const { id } = await scheduled(owner, engine, second, { after: { workflowId: first }, overlap: "allow" });
    await tickAt(engine, at("10:05"));
    await engine.drain();
    await tickAt(engine, at("10:06"));
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["10:05 running", "10:05 running"]);
  });

  test("two successes between ticks are two runs by default, one after the other, and others of a hundred are noted", async () => {
    answerAsOpenAi(() => ({ text: "done" }));
    const engine = engineAt(START);
    const [first, second] = [await createWorkflow(owner, ["a"]), await createWorkflow(owner, ["b"])];
    for (let each = 0; each < 2; each += 1) await scheduled(owner, engine, first, EVERY_FIVE);
    const { id } = await scheduled(owner, engine, second, { after: { workflowId: first } });
    await tickAt(engine, at("10:05"));
    await engine.drain();
    await tickAt(engine, at("10:06"));
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["10:05 running", "10:05 pending"]);
    await engine.drain();
    await tickAt(engine, at("10:07"));
    await engine.drain();
    expect(inShort(await runsOf(owner, engine, id))).toEqual(["10:05 succeeded", "10:05 succeeded"]);

    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 101)
       INSERT INTO schedule_runs (workspace_id, schedule_id, scheduled_for, attempt, status, waits)
       SELECT ?1, ?2, i, 1, 'pending', 2 FROM n`,
    )
      .bind(owner.workspaceId, id)
      .run();
    await tickAt(engine, at("10:10"));
    await engine.drain();
    const runs = (await runsOf(owner, engine, id)).filter(({ status }) => status === "skipped");
    expect(inShort(runs)).toEqual(["10:10 skipped", "10:10 skipped"]);
    expect(runs[0]?.note).toMatch(/after execution .*100 runs wait already/);
  });

  test("a circle of workflows is refused, also by a change, and also when both are made at once", async () => {
    const engine = engineAt(START);
    const [a, b, c] = await Promise.all(["a", "b", "c"].map(() => createWorkflow(owner, ["a"])));
    if (!a || !b || !c) throw new Error("three workflows were to be made");
    const refusal = { code: "schedule_invalid", details: [{ path: "after.workflowId" }] };
    await expect(scheduled(owner, engine, a, { after: { workflowId: a } })).rejects.toMatchObject(refusal);
    await scheduled(owner, engine, b, { after: { workflowId: a } });
    await scheduled(owner, engine, c, { after: { workflowId: b } });
    await expect(scheduled(owner, engine, a, { after: { workflowId: c } })).rejects.toMatchObject(refusal);
    const { id } = await scheduled(owner, engine, a, EVERY_FIVE);
    const change = { after: { workflowId: c } };
    await expect(updateSchedule(ctxWith(owner, engine), id, change)).rejects.toMatchObject(refusal);

    await env.DB.prepare("DELETE FROM schedules").run();
    const both = await Promise.allSettled([
      scheduled(owner, engine, a, { after: { workflowId: b } }),
      scheduled(owner, engine, b, { after: { workflowId: a } }),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });
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

/** A database whose Nth call fails, before it has taken effect or behind it. */
function failingDb(failing: number, behind: boolean): Engine["db"] {
  let calls = 0;
  return beforeEachCall(async (call) => {
    calls += 1;
    if (calls !== failing) return call();
    if (behind) await call();
    throw new Error("D1_ERROR: the machine is gone");
  });
}

/** A database that does something before its Nth batch. */
function beforeBatch(nth: number, act: () => Promise<unknown>): Engine["db"] {
  let batches = 0;
  return beforeEachCall(async (call, kind) => {
    if (kind === "batch") batches += 1;
    if (kind === "batch" && batches === nth) await act();
    return call();
  });
}

function beforeEachCall(
  around: (call: () => Promise<unknown>, kind: "batch" | "run") => Promise<unknown>,
): Engine["db"] {
  const inner = new WeakMap<object, D1PreparedStatement>();
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const proxy = new Proxy(statement, {
      get(target, property) {
        if (property === "bind") return (...values: unknown[]) => wrap(target.bind(...values));
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => around(() => value.apply(target, args), "run");
      },
    });
    inner.set(proxy, statement);
    return proxy;
  };
  const binding = new Proxy(env.DB, {
    get(target, property) {
      if (property === "prepare") return (sql: string) => wrap(target.prepare(sql));
      if (property === "batch") {
        return (statements: D1PreparedStatement[]) =>
          around(() => target.batch(statements.map((each) => inner.get(each) ?? each)), "batch");
      }
      return Reflect.get(target, property);
    },
  });
  return openDb(binding);
}
