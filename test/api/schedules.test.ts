import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { openDb } from "../../src/db/client.ts";
import worker from "../../src/index.ts";
import type { ScheduleView } from "../../src/schedules/index.ts";
import { pruneVersions } from "../../src/versions/index.ts";
import { type Account, joinAs, nobody, signUp } from "../worker/accounts.ts";
import { ended } from "../worker/executions.ts";
import { watch } from "../worker/live.ts";
import { answerAsOpenAi } from "../worker/model.ts";
import { countRows } from "../worker/rows.ts";
import { versioning } from "../worker/versions.ts";
import { createWorkflow } from "../worker/workflows.ts";

interface Refusal {
  error: { code: string; message: string; details: { path: string; message: string }[] };
}
interface Preview {
  description: string;
  runs: string[];
  notes: { run: string; note: string }[];
}
interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const CRON = { cronExpression: "0 9 * * *" };

let owner: Account;
let editor: Account;
let viewer: Account;
let stranger: Account;
let workflowId: string;
beforeAll(async () => {
  owner = await signUp("Olga");
  editor = await joinAs(owner, "editor");
  viewer = await joinAs(owner, "viewer");
  stranger = await signUp("Sven");
  workflowId = await createWorkflow(owner, ["a"]);
});

afterEach(() => vi.restoreAllMocks());

const create = (body: object, who: Account = editor, id = workflowId) =>
  who.send<ScheduleView & Refusal>("POST", `/api/workflows/${id}/schedules`, body);
const change = (id: string, body: object, who: Account = editor) =>
  who.send<ScheduleView & Refusal>("PUT", `/api/schedules/${id}`, body);
const post = (path: string, body: object = {}, who: Account = editor) =>
  who.send<ScheduleView & Refusal>("POST", path, body);

describe("schedules over the API", () => {
  test("one is created with defaults, and told with its next run", async () => {
    const { status, body } = await create({ ...CRON, timezone: "America/New_York", enabled: true });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      workflowId,
      cronExpression: "0 9 * * *",
      description: "At 09:00",
      timezone: "America/New_York",
      enabled: true,
      input: null,
      version: null,
      dst: { gap: "shift", overlap: "first" },
      overlap: "skip",
      catchUp: "once",
      startAt: null,
      endAt: null,
      jitterSeconds: 0,
      condition: null,
      after: null,
      pauseAfterFailures: 10,
      maxRetries: 0,
      retryDelaySeconds: 60,
      nextRunAt: expect.stringMatching(/T1[34]:00:00\.000Z$/),
      lastRunAt: null,
      executionCount: 0,
      createdAt: expect.stringMatching(ISO),
      updatedAt: expect.stringMatching(ISO),
    });
    expect((await viewer.send("GET", `/api/schedules/${body.id}`)).body).toEqual(body);
  });

  test("what GET gave may be sent back, and a change keeps what it leaves out", async () => {
    const { body: made } = await create({
      ...CRON,
      input: { topic: "bees" },
      jitterSeconds: 30,
      condition: "last.status == 'succeeded'",
      pauseAfterFailures: null,
      dst: { overlap: "both" },
    });
    expect(made).toMatchObject({
      condition: { expression: "last.status == 'succeeded'" },
      pauseAfterFailures: null,
      dst: { gap: "shift", overlap: "both" },
    });
    const { body: back, status } = await change(made.id, made);
    expect([status, { ...back, updatedAt: made.updatedAt }]).toEqual([200, made]);
    const { body: later } = await change(made.id, { cronExpression: "30 9 * * *" });
    expect({ ...later, updatedAt: made.updatedAt }).toEqual({
      ...made,
      cronExpression: "30 9 * * *",
      description: "At 09:30",
      nextRunAt: made.nextRunAt?.replace("T09:00", "T09:30"),
    });
  });

  test("a policy for clock changes is kept key by key, and one that nobody set goes with the expression", async () => {
    const { body: made } = await create(CRON);
    expect(made.dst).toEqual({ gap: "shift", overlap: "first" });
    // Sent back as it was shown, with an expression that repeats.
    const { body: hourly } = await change(made.id, { ...made, cronExpression: "0 * * * *" });
    expect(hourly.dst).toEqual({ gap: "shift", overlap: "both" });
    await change(made.id, { dst: { gap: "skip" } });
    const { body: both } = await change(made.id, { dst: { overlap: "first" } });
    expect(both.dst).toEqual({ gap: "skip", overlap: "first" });
    const { body: half } = await change(made.id, { dst: { overlap: null } });
    expect(half.dst).toEqual({ gap: "skip", overlap: "both" });
    expect((await change(made.id, { dst: null })).body.dst).toEqual({ gap: "shift", overlap: "both" });
  });

  test("a pause takes the next run away, and resuming computes it from now", async () => {
    const { body: made } = await create({ cronExpression: "*/5 * * * *" });
    const { body: paused } = await post(`/api/schedules/${made.id}/pause`);
    expect(paused).toMatchObject({ enabled: false, nextRunAt: null });
    await change(made.id, { cronExpression: "0 0 1 1 *" });
    const { body: resumed } = await post(`/api/schedules/${made.id}/resume`);
    expect(resumed).toMatchObject({ enabled: true, nextRunAt: expect.stringMatching(/-01-01T00:00:00\.000Z$/) });
    const { body: disabled } = await change(made.id, { enabled: false });
    expect(disabled).toMatchObject({ enabled: false, nextRunAt: null });
    const { body: after } = await create({ ...CRON, enabled: false });
    expect(after).toMatchObject({ enabled: false, nextRunAt: null });
  });

  test("an expression gives way to another workflow's success, and the reverse", async () => {
    const other = await createWorkflow(owner, ["z"]);
    const { body: made } = await create(CRON);
    const { body: following } = await change(made.id, { after: { workflowId: other } });
    expect(following).toMatchObject({
      cronExpression: null,
      description: null,
      after: { workflowId: other },
      enabled: true,
      nextRunAt: null,
    });
    const { body: back } = await change(made.id, CRON);
    expect(back).toMatchObject({ ...CRON, after: null, nextRunAt: expect.stringMatching(ISO) });
  });

  test.each([
    [{}, "cronExpression"],
    [{ cronExpression: null }, "cronExpression"],
    [{ cronExpression: "" }, "cronExpression"],
    [{ cronExpression: "61 * * * *" }, "cronExpression"],
    [{ cronExpression: "0 0 9 * * *" }, "cronExpression"],
    [{ cronExpression: "30 2 30 2 *" }, "cronExpression"],
    [{ cronExpression: "every day" }, "cronExpression"],
    [{ cronExpression: 5 }, "cronExpression"],
    [{ cronExpression: "x".repeat(201) }, "cronExpression"],
    [{ ...CRON, timezone: "Mars/Olympus" }, "timezone"],
    [{ ...CRON, timezone: "+05:00" }, "timezone"],
    [{ ...CRON, after: { workflowId: "other" } }, "cronExpression"],
    [{ ...CRON, startAt: "2030-01-02T00:00:00Z", endAt: "2030-01-01T00:00:00Z" }, "endAt"],
    [{ ...CRON, endAt: "2020-01-01T00:00:00Z" }, "endAt"],
    [{ ...CRON, startAt: "tomorrow" }, "startAt"],
    [{ ...CRON, condition: "last.status ==" }, "condition.expression"],
    [{ ...CRON, condition: { expression: "nope(last)" } }, "condition.expression"],
    [{ ...CRON, overlap: "maybe" }, "overlap"],
    [{ ...CRON, catchUp: "some" }, "catchUp"],
    [{ ...CRON, jitterSeconds: -1 }, "jitterSeconds"],
    [{ ...CRON, jitterSeconds: 1.5 }, "jitterSeconds"],
    [{ ...CRON, maxRetries: 11 }, "maxRetries"],
    [{ ...CRON, retryDelaySeconds: 0 }, "retryDelaySeconds"],
    [{ ...CRON, pauseAfterFailures: -1 }, "pauseAfterFailures"],
    [{ ...CRON, dst: { gap: "both" } }, "dst.gap"],
    [{ ...CRON, input: "x".repeat(66_000) }, "input"],
    [{ ...CRON, input: JSON.parse("[".repeat(100) + "]".repeat(100)) }, "input"],
    [{ ...CRON, surprise: true }, "surprise"],
  ])("%j is refused and names %s", async (body, path) => {
    const before = await countRows(owner.workspaceId);
    const answer = await create(body);
    expect([answer.status, answer.body.error.details.map((detail) => detail.path)]).toEqual([422, [path]]);
    expect(await countRows(owner.workspaceId)).toEqual(before);
  });

  test("a workflow, version or tag that is not there, or is another's, is 404", async () => {
    const other = await createWorkflow(stranger, ["a"]);
    const { workflow, commit } = versioning(() => owner);
    const { body: foreign } = await commit(await workflow(), "First", "stable");
    for (const [body, code] of [
      [{ after: { workflowId: other } }, "workflow_not_found"],
      [{ ...CRON, condition: { workflowId: other, expression: "last" } }, "workflow_not_found"],
      [{ ...CRON, version: 99 }, "version_not_found"],
      [{ ...CRON, version: "stable" }, "version_not_found"],
      [{ ...CRON, version: foreign.id }, "version_not_found"],
    ] as const) {
      const answer = await create(body);
      expect([answer.status, answer.body.error.code], JSON.stringify(body)).toEqual([404, code]);
    }
    expect((await create(CRON, editor, other)).body.error.code).toBe("workflow_not_found");
    expect((await editor.send("GET", `/api/workflows/${other}/schedules`)).status).toBe(404);
  });

  test("viewers look and change nothing; another workspace sees nothing, and nobody is let in", async () => {
    const { body: made } = await create(CRON);
    const changing = [
      ["POST", `/api/workflows/${workflowId}/schedules`],
      ["PUT", `/api/schedules/${made.id}`],
      ["DELETE", `/api/schedules/${made.id}`],
      ["POST", `/api/schedules/${made.id}/pause`],
      ["POST", `/api/schedules/${made.id}/resume`],
    ] as const;
    const looking = [
      ["GET", `/api/workflows/${workflowId}/schedules`],
      ["GET", `/api/schedules/${made.id}`],
      ["GET", `/api/schedules/${made.id}/runs`],
    ] as const;
    for (const [method, path] of changing) {
      const body = method === "DELETE" ? undefined : CRON;
      expect([path, (await viewer.send(method, path, body)).status]).toEqual([path, 403]);
      expect([path, (await stranger.send(method, path, body)).status]).toEqual([path, 404]);
      expect([path, (await nobody.send(method, path, body)).status]).toEqual([path, 401]);
    }
    for (const [method, path] of looking) {
      expect([path, (await viewer.send(method, path)).status]).toEqual([path, 200]);
      expect([path, (await stranger.send(method, path)).status]).toEqual([path, 404]);
      expect([path, (await nobody.send(method, path)).status]).toEqual([path, 401]);
    }
    expect((await viewer.send("POST", "/api/schedules/preview", CRON)).status).toBe(200);
    expect((await viewer.send("GET", `/api/schedules/${made.id}`)).body).toEqual(made);
  });

  test("lists and histories come in pages, newest first", async () => {
    const id = await createWorkflow(owner, ["a"]);
    const made: string[] = [];
    for (let each = 0; each < 3; each += 1) made.unshift((await create(CRON, editor, id)).body.id);
    const page = (cursor: string | null) =>
      viewer.send<Page<ScheduleView>>(
        "GET",
        `/api/workflows/${id}/schedules?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
    const first = (await page(null)).body;
    const second = (await page(first.nextCursor)).body;
    expect([...first.items, ...second.items].map((item) => item.id)).toEqual(made);
    expect(second.nextCursor).toBeNull();

    for (const minute of [1, 2, 3]) {
      await env.DB.prepare(
        "INSERT INTO schedule_runs (workspace_id, schedule_id, scheduled_for, attempt, status) VALUES (?, ?, ?, 1, 'skipped')",
      )
        .bind(owner.workspaceId, made[0], minute * 60_000)
        .run();
    }
    const runs = (cursor: string | null) =>
      viewer.send<Page<{ scheduledFor: string }>>(
        "GET",
        `/api/schedules/${made[0]}/runs?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
    const newest = (await runs(null)).body;
    const oldest = (await runs(newest.nextCursor)).body;
    expect([...newest.items, ...oldest.items].map((run) => run.scheduledFor.slice(14, 16))).toEqual(["03", "02", "01"]);
    expect((await runs("nonsense")).status).toBe(422);
  });

  test("one that is deleted is gone with its history", async () => {
    const { body: made } = await create(CRON);
    expect((await editor.send("DELETE", `/api/schedules/${made.id}`)).status).toBe(204);
    for (const [method, path] of [
      ["GET", `/api/schedules/${made.id}`],
      ["GET", `/api/schedules/${made.id}/runs`],
      ["DELETE", `/api/schedules/${made.id}`],
    ] as const) {
      expect((await editor.send(method, path)).status).toBe(404);
    }
  });

  test("a version that a schedule pins is not pruned, and without the schedule it is", async () => {
    const { workflow, save, versions } = versioning(() => owner);
    const id = await workflow("one");
    for (const text of ["two", "three", "four"]) {
      await save(id, text);
      // Aged, so that each save leaves a version of its own, all of them old enough to go.
      await env.DB.prepare("UPDATE versions SET created_at = created_at - 100 * 86400000 WHERE workflow_id = ?")
        .bind(id)
        .run();
    }
    await owner.send("PUT", "/api/settings", { autoVersionsKept: 1 });
    const [, , pinned] = await versions(id);
    const { body: made } = await create({ ...CRON, version: pinned?.id }, editor, id);
    const prune = () => pruneVersions(openDb(env.DB), Date.now(), 100);
    await prune();
    expect((await versions(id)).map((version) => version.id)).toContain(pinned?.id);
    await editor.send("DELETE", `/api/schedules/${made.id}`);
    await prune();
    expect((await versions(id)).map((version) => version.id)).not.toContain(pinned?.id);
  });
});

describe("a preview", () => {
  test("tells an expression in words, with its next five runs and notes on changes of the clocks", async () => {
    const body = { cronExpression: "30 2 * * *", timezone: "America/New_York", from: "2027-03-12T12:00:00Z" };
    const { status, body: preview } = await viewer.send<Preview>("POST", "/api/schedules/preview", body);
    expect(status).toBe(200);
    expect(preview.description).toContain("02:30");
    expect(preview.runs).toEqual([
      "2027-03-13T07:30:00.000Z",
      "2027-03-14T07:00:00.000Z",
      "2027-03-15T06:30:00.000Z",
      "2027-03-16T06:30:00.000Z",
      "2027-03-17T06:30:00.000Z",
    ]);
    expect(preview.notes).toEqual([{ run: "2027-03-14T07:00:00.000Z", note: expect.any(String) }]);
  });

  test("knows the presets that are offered, which are told in words", async () => {
    const { status, body } = await viewer.send<{
      items: { name: string; cronExpression: string; description: string }[];
    }>("GET", "/api/schedules/presets");
    expect(status).toBe(200);
    expect(body.items.map(({ cronExpression }) => cronExpression)).toEqual([
      "0 * * * *",
      "0 9 * * *",
      "0 0 * * *",
      "0 9 * * 1",
      "0 0 * * 0",
      "0 0 1 * *",
    ]);
    for (const { cronExpression, description } of body.items) {
      const { body: shown } = await viewer.send<Preview>("POST", "/api/schedules/preview", { cronExpression });
      expect([shown.runs.length, shown.description]).toEqual([5, `${description} (UTC)`]);
    }
  });

  test("of an expression that only names times which the clocks leave out is refused, and so is its schedule", async () => {
    // The clocks of New York always go forward on the second Sunday of March, at two.
    const never = { cronExpression: "30 2 * 3 SUN#2", timezone: "America/New_York", dst: { gap: "skip" } };
    const answers = [
      await viewer.send<Refusal>("POST", "/api/schedules/preview", never),
      await create(never),
      await create({ ...never, enabled: false }),
    ];
    for (const { status, body } of answers) {
      expect([status, body.error.details[0]?.path]).toEqual([422, "cronExpression"]);
      expect(body.error.message).toContain("dst.gap");
    }
    expect((await create({ ...never, dst: { gap: "shift" } })).status).toBe(201);
  });

  test("answers as many as asked for, and refuses what cannot be", async () => {
    const ask = (body: object) => viewer.send<Preview & Refusal>("POST", "/api/schedules/preview", body);
    expect((await ask({ ...CRON, count: 12 })).body.runs).toHaveLength(12);
    for (const body of [{}, { cronExpression: "* *" }, { ...CRON, timezone: "Nowhere" }, { ...CRON, count: 1_000 }]) {
      expect([JSON.stringify(body), (await ask(body)).status]).toEqual([JSON.stringify(body), 422]);
    }
  });
});

test("the Worker's cron dispatches what is due, its execution runs to its end, and watchers are told", async () => {
  answerAsOpenAi(() => ({ text: "done" }));
  // Of a workspace of its own: at some times of the day other tests' schedules are due as well.
  const alone = await signUp("Anna");
  const id = await createWorkflow(alone, ["a"]);
  const { body: made } = await create({ cronExpression: "*/5 * * * *", input: "go" }, alone, id);
  const watcher = await watch(alone);
  const controller = createScheduledController({ scheduledTime: new Date(Date.parse(made.nextRunAt ?? "") + 1_000) });
  const context = createExecutionContext();
  await worker.scheduled(controller, env, context);
  await waitOnExecutionContext(context);
  const { body } = await alone.send<Page<{ executionId: string; note: string | null }>>(
    "GET",
    `/api/schedules/${made.id}/runs`,
  );
  const [run] = body.items;
  const execution = await ended(alone, run?.executionId ?? "");
  expect(execution).toMatchObject({ status: "succeeded", trigger: { type: "schedule", id: made.id }, input: "go" });
  await vi.waitFor(() => expect(watcher.events.map(({ type }) => type)).toContain("schedule"));
  expect(watcher.events.filter(({ type }) => type === "schedule")).toEqual([
    {
      type: "schedule",
      scheduleId: made.id,
      workflowId: id,
      status: "started",
      executionId: run?.executionId,
      at: expect.stringMatching(ISO),
    },
  ]);
  watcher.socket.close();
});
