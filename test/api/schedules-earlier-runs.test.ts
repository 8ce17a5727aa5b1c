import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { listEvents } from "../../src/events/list-events.ts";
import { cancelExecution } from "../../src/executions/cancel-execution.ts";
import type { Engine } from "../../src/executions/index.ts";
import { getSchedule, updateSchedule } from "../../src/schedules/index.ts";
import { pauseSchedule, resumeSchedule } from "../../src/schedules/update-schedule.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith, type TestEngine } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import {
  at,
  EVERY_FIVE,
  engineAt,
  executionsOf,
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

async function eventsOf(engine: TestEngine, type: "schedule_paused") {
  return (await listEvents(ctxWith(owner, engine), { limit: 50, type })).items;
}

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
