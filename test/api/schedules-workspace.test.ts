import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { openDb } from "../../src/db/client.ts";
import type { ScheduleView } from "../../src/schedules/index.ts";
import type { ListedSchedule, upcomingSchema } from "../../src/schedules/inputs.ts";
import { MOST_SCHEDULES, upcomingRuns } from "../../src/schedules/upcoming-runs.ts";
import { type Account, joinAs, nobody, signUp } from "../worker/accounts.ts";
import { ctxWith, testClock, testEngine } from "../worker/engine.ts";
import { createWorkflow } from "../worker/workflows.ts";

type Upcoming = z.infer<typeof upcomingSchema>;
interface Page {
  items: ListedSchedule[];
  nextCursor: string | null;
}

let owner: Account;
let viewer: Account;
let stranger: Account;
beforeAll(async () => {
  owner = await signUp();
  viewer = await joinAs(owner, "viewer");
  stranger = await signUp();
});

const create = async (workflowId: string, body: object, who: Account = owner) =>
  (await who.send<ScheduleView>("POST", `/api/workflows/${workflowId}/schedules`, body)).body;

describe("the schedules of a workspace", () => {
  test("stand in one list with their workflows' names and their words, page by page, and no other workspace's", async () => {
    const [one, two] = [await createWorkflow(owner, ["a"]), await createWorkflow(owner, ["a"])];
    const { body: workflow } = await owner.send<{ name: string }>("GET", `/api/workflows/${one}`);
    const first = await create(one, { cronExpression: "0 9 * * 1" });
    const second = await create(two, { after: { workflowId: one } });
    const third = await create(two, { cronExpression: "*/5 * * * *" });
    await create(await createWorkflow(stranger, ["a"]), { cronExpression: "0 9 * * *" }, stranger);

    const { status, body } = await viewer.send<Page>("GET", "/api/schedules?limit=2");
    expect([status, body.items.map(({ id }) => id)]).toEqual([200, [third.id, second.id]]);
    expect(body.items.map(({ description }) => description)).toEqual(["Every 5 minutes", null]);
    const { body: rest } = await viewer.send<Page>("GET", `/api/schedules?limit=2&cursor=${body.nextCursor}`);
    expect(rest).toEqual({ items: [{ ...first, workflowName: workflow.name }], nextCursor: null });
    expect((await nobody.send("GET", "/api/schedules")).status).toBe(401);
    // What a list gave may be sent back.
    expect((await owner.send("PUT", `/api/schedules/${first.id}`, rest.items[0])).status).toBe(200);
  });
});

describe("what comes in the next days", () => {
  test("is told day by day of the asked zone, from now on, without what is paused or begins later", async () => {
    const person = await signUp();
    const workflowId = await createWorkflow(person, ["a"]);
    const engine = testEngine({}, testClock(Date.parse("2027-03-01T10:00:30Z")));
    const ctx = ctxWith(person, engine);
    const made = async (body: object) => create(workflowId, body, person);
    const tokyo = await made({ cronExpression: "0 9 * * *", timezone: "Asia/Tokyo" });
    const often = await made({ cronExpression: "*/5 * * * *" });
    await made({ cronExpression: "0 12 * * *", enabled: false });
    await made({ after: { workflowId: await createWorkflow(person, ["b"]) } });
    await made({ cronExpression: "0 12 * * *", startAt: "2027-03-05T00:00:00Z" });
    await env.DB.prepare("UPDATE schedules SET next_run_at = ? WHERE workspace_id = ? AND next_run_at IS NOT NULL")
      .bind(engine.clock.now(), person.workspaceId)
      .run();

    const counted = openDb(env.DB);
    const coming = await upcomingRuns({ ...ctx, db: counted }, { timezone: "America/New_York", days: 2 });
    expect(counted.usage.queries).toBe(1);
    expect(coming.days.map(({ date }) => date)).toEqual(["2027-03-01", "2027-03-02"]);
    const [today, tomorrow] = coming.days;
    expect(today?.items.map(({ scheduleId }) => scheduleId)).toEqual([often.id, tokyo.id]);
    expect(today?.items[0]).toMatchObject({ description: "Every 5 minutes", workflowId, more: true });
    expect(today?.items[0]?.runs.slice(0, 2)).toEqual(["2027-03-01T10:05:00.000Z", "2027-03-01T10:10:00.000Z"]);
    // Nine in Tokyo is the evening before in New York.
    expect(today?.items[1]).toMatchObject({ runs: ["2027-03-02T00:00:00.000Z"], more: false, timezone: "Asia/Tokyo" });
    expect(tomorrow?.items[0]?.runs[0]).toBe("2027-03-02T05:00:00.000Z");
    expect(coming.more).toBe(false);
  });

  test("looks at so many schedules at most, and says when there are more", async () => {
    const person = await signUp();
    const workflowId = await createWorkflow(person, ["a"]);
    const { id } = await create(workflowId, { cronExpression: "0 * * * *" }, person);
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO schedules (workspace_id, id, workflow_id, cron_expression, timezone, enabled, input, overlap, catch_up,
         jitter_seconds, pause_after_failures, max_retries, retry_delay_seconds, next_run_at, created_at, updated_at)
       SELECT workspace_id, id || '-' || i, workflow_id, cron_expression, timezone, enabled, input, overlap, catch_up,
         jitter_seconds, pause_after_failures, max_retries, retry_delay_seconds, next_run_at, created_at, updated_at
       FROM n, schedules WHERE id = ?1`,
    )
      .bind(id, MOST_SCHEDULES)
      .run();
    const { body } = await person.send<Upcoming>("GET", "/api/schedules/upcoming");
    expect([body.more, body.days.length, body.days[1]?.items.length]).toEqual([true, 7, MOST_SCHEDULES]);
    expect(body.days[1]?.items[0]).toMatchObject({ more: false });
    expect(body.days[1]?.items[0]?.runs.length).toBe(24);
  });

  test.each([
    ["timezone=Mars/Olympus", "timezone"],
    ["days=0", "days"],
    ["days=15", "days"],
  ])("%s is refused", async (query, path) => {
    const { status, body } = await viewer.send<{ error: { details: { path: string }[] } }>(
      "GET",
      `/api/schedules/upcoming?${query}`,
    );
    expect([status, body.error.details.map((detail) => detail.path)]).toEqual([422, [path]]);
  });
});
