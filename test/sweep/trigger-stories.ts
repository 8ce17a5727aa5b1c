import { createWebhook } from "../worker/webhooks.ts";
import { executionsOf, STEPS, unlessOnce, workflowOf } from "./executions.ts";
import { type Story, story } from "./scenario.ts";

const MINUTE = 60_000;

const webhook = story({
  ...{ id: "webhook", name: "a webhook's call to its finished execution", executes: STEPS },
  async before(world) {
    const workflowId = await workflowOf(world);
    return createWebhook(world.account, workflowId, { rateLimit: { limit: 5 } });
  },
  async happens(world, hook) {
    const address = new URL(hook.webhookUrl).pathname;
    const { body } = await world.insist<{ executionId: string }>("POST", address, { n: 1 }, { "webhook-id": "one" });
    await world.drain();
    world.faults.armed = false;
    const [execution] = await executionsOf(hook.workflowId);
    if (execution?.id !== body.executionId) throw new Error(`answered ${body.executionId}, which there is not`);
  },
  async faultsIn(world, { workflowId }) {
    const path = `/api/workflows/${workflowId}/webhooks`;
    const { body } = await world.send<{ items: { triggerCount: number }[] }>("GET", path);
    const counts = body.items.map(({ triggerCount }) => triggerCount).join();
    const counted = counts === "1" ? [] : [`counted ${counts} calls`];
    return [...counted, ...(await unlessOnce(workflowId))];
  },
});

const schedule = story({
  ...{ id: "schedule", name: "a schedule's tick to its finished execution", executes: STEPS },
  async before(world) {
    const workflowId = await workflowOf(world);
    const due = new Date(Math.ceil(Date.now() / MINUTE) * MINUTE + 5 * MINUTE);
    // Once a year: no other run comes due while this one is seen to.
    const cronExpression = `${due.getUTCMinutes()} ${due.getUTCHours()} ${due.getUTCDate()} ${due.getUTCMonth() + 1} *`;
    const path = `/api/workflows/${workflowId}/schedules`;
    const made = await world.insist<{ id: string }>("POST", path, { cronExpression, input: "go" });
    return { workflowId, scheduleId: made.body.id, due };
  },
  async happens(world, { due }) {
    world.pass(due.getTime() + 2_000 - Date.now());
    await world.tick();
    await world.drain();
  },
  async faultsIn(world, { workflowId, scheduleId }) {
    const { body } = await world.send<{ items: { status: string }[] }>("GET", `/api/schedules/${scheduleId}/runs`);
    const runs = body.items.map(({ status }) => status).join();
    return [...(runs === "succeeded" ? [] : [`its runs are ${runs}`]), ...(await unlessOnce(workflowId))];
  },
});

export const TRIGGERS: readonly Story[] = [webhook, schedule];
