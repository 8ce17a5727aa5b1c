import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { getSchedule } from "../../src/schedules/index.ts";
import { resumeSchedule } from "../../src/schedules/update-schedule.ts";
import { tagVersion } from "../../src/versions/tag-version.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { ctxWith } from "../worker/engine.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import {
  at,
  beforeBatch,
  EVERY_FIVE,
  engineAt,
  executionsOf,
  failingDb,
  inShort,
  moveTo,
  runsOf,
  START,
  scheduled,
  tick,
  tickAt,
} from "../worker/schedules.ts";
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
