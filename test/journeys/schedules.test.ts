import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { executionSchema, logSchema } from "../../src/executions/inputs.ts";
import { previewSchema, runSchema, scheduleSchema } from "../../src/schedules/inputs.ts";
import type { Account } from "../support/account.ts";
import { startTestInstance, type TestInstance } from "../support/instance.ts";
import { createWorkflow, ended } from "../support/workflows.ts";

let swarm: TestInstance;
let person: Account;
beforeAll(async () => {
  swarm = await startTestInstance();
  person = await swarm.signUp();
});
afterAll(() => swarm?.stop());

const pageOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), nextCursor: z.null() });

async function answered<Schema extends z.ZodType>(
  schema: Schema,
  status: number,
  ...request: Parameters<Account["request"]>
): Promise<z.infer<Schema>> {
  const answer = await person.request(...request);
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  return schema.parse(answer.body);
}

const runsOf = async (id: string) => (await answered(pageOf(runSchema), 200, "GET", `/api/schedules/${id}/runs`)).items;
const executionsOf = async (workflowId: string) =>
  (await answered(pageOf(executionSchema), 200, "GET", `/api/executions?workflowId=${workflowId}`)).items;

/** Fires the cron as it fires at that time: a few milliseconds later, and again when a delivery is repeated. */
async function timeComes(at: string | null): Promise<void> {
  const then = new Date(Date.parse(at ?? ""));
  await Promise.all([swarm.scheduled(then), swarm.scheduled(then)]);
  await swarm.scheduled(then);
}

test("a schedule for every five minutes fires when its time comes, once, and its execution is there with its log", async () => {
  const workflowId = await createWorkflow(person, ["research>write"]);
  const cronExpression = "*/5 * * * *";
  const preview = await answered(previewSchema, 200, "POST", "/api/schedules/preview", { cronExpression });
  expect([preview.description, preview.runs.length]).toEqual([expect.stringContaining("5 minutes"), 5]);

  const made = await answered(scheduleSchema, 201, "POST", `/api/workflows/${workflowId}/schedules`, {
    cronExpression,
    input: "the news",
  });
  expect(made.nextRunAt).toBe(preview.runs[0]);
  await swarm.scheduled();
  expect(await executionsOf(workflowId)).toEqual([]);

  await timeComes(made.nextRunAt);
  const executions = await executionsOf(workflowId);
  expect(executions.map(({ trigger }) => trigger)).toEqual([{ type: "schedule", id: made.id }]);
  const execution = await ended(person, executions[0]?.id ?? "");
  expect(execution).toMatchObject({ status: "succeeded", input: "the news" });
  const { items: lines } = await answered(pageOf(logSchema), 200, "GET", `/api/executions/${execution.id}/logs`);
  expect(lines.map(({ level }) => level)).toEqual(["info", "info"]);

  const after = await answered(scheduleSchema, 200, "GET", `/api/schedules/${made.id}`);
  expect([after.nextRunAt, after.executionCount]).toEqual([preview.runs[1], 1]);
  expect(await runsOf(made.id)).toEqual([
    { scheduledFor: preview.runs[0], attempt: 1, status: "succeeded", executionId: execution.id, note: null },
  ]);
  const spoken = swarm.logs.filter(({ component }) => component === "Scheduler");
  expect(spoken.map(({ fields }) => fields.started)).toEqual([1]);

  // Paused, it lets its time pass.
  await answered(scheduleSchema, 200, "POST", `/api/schedules/${made.id}/pause`);
  await timeComes(preview.runs[1] ?? null);
  expect(await executionsOf(workflowId)).toHaveLength(1);
}, 60_000);

test("what could not be dispatched in one invocation goes on over the queue", async () => {
  const workflowId = await createWorkflow(person, ["a"]);
  // Nothing is started: what is to be seen is the dispatching, and not so many executions.
  const hourly = { cronExpression: "0 * * * *", condition: "last" };
  const made = await answered(scheduleSchema, 201, "POST", `/api/workflows/${workflowId}/schedules`, hourly);
  const schedules = 30_000;
  await swarm.query(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2 - 1)
     INSERT INTO schedules (workspace_id, id, workflow_id, cron_expression, timezone, enabled, input, overlap, catch_up,
       jitter_seconds, condition, pause_after_failures, max_retries, retry_delay_seconds, next_run_at, created_at, updated_at)
     SELECT workspace_id, id || '-' || i, workflow_id, cron_expression, timezone, enabled, input, overlap, catch_up,
       jitter_seconds, condition, pause_after_failures, max_retries, retry_delay_seconds, next_run_at, created_at, updated_at
     FROM n, schedules WHERE id = ?1`,
    made.id,
    schedules,
  );
  const invocation = () => swarm.logs.filter(({ component }) => component === "Scheduler").length;
  const before = invocation();
  await swarm.scheduled(new Date(Date.parse(made.nextRunAt ?? "")));
  const runs = "SELECT status, count(*) AS runs FROM schedule_runs WHERE schedule_id LIKE ?1 || '%' GROUP BY status";
  await expect
    .poll(() => swarm.query(runs, made.id), { timeout: 60_000, interval: 500 })
    .toEqual([{ status: "skipped", runs: schedules }]);
  expect(invocation() - before).toBeGreaterThan(1);
}, 120_000);
