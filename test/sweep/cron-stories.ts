import { env } from "cloudflare:workers";
import { createWebhook } from "../worker/webhooks.ts";
import { executionsOf, STEPS, unlessOnce, workflowOf } from "./executions.ts";
import { type Story, story } from "./scenario.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** When the cron also does what it does once an hour. */
const AT_MINUTE = 17 * MINUTE;

const leftBehind = story({
  ...{ id: "cron", name: "a cron that finds everything that may be left behind", executes: 2 * STEPS },
  async before(world) {
    const rotating = await workflowOf(world);
    await createWebhook(world.account, rotating, { rotateAfterDays: 30 });
    const gone = await workflowOf(world);
    const hook = await createWebhook(world.account, gone);
    await world.insist("POST", new URL(hook.webhookUrl).pathname, {});
    await world.insist("POST", "/api/workflows/bulk-export", { all: true });
    await world.drain();
    await world.insist("DELETE", `/api/workflows/${gone}`);
    world.pass(31 * DAY);
    // A few minutes before the hourly one, within which nothing is sent again.
    world.pass(HOUR - ((Date.now() - AT_MINUTE + 3 * MINUTE) % HOUR));
    const lost = await workflowOf(world);
    const vanished = await workflowOf(world);
    for (const id of [lost, vanished]) await world.insist("POST", `/api/workflows/${id}/execute`, {});
    await world.insist("POST", "/api/workflows/bulk-export", { all: true });
    world.loseMessages();
    const steps =
      "UPDATE steps SET status = 'running', fence = 1, started_at = ?2 WHERE status = 'ready' AND execution_id = ?1";
    const [execution] = await executionsOf(vanished);
    await env.DB.batch([
      env.DB.prepare(steps).bind(execution?.id ?? "", Date.now()),
      env.DB.prepare("UPDATE executions SET status = 'running', started_at = ?2 WHERE id = ?1").bind(
        execution?.id ?? "",
        Date.now(),
      ),
    ]);
    return { lost, vanished };
  },
  async happens(world) {
    world.pass(HOUR - ((Date.now() - AT_MINUTE) % HOUR));
    await world.tick();
    await world.drain();
  },
  async faultsIn(_, { lost, vanished }) {
    const { results } = await env.DB.prepare("SELECT status FROM exports ORDER BY id").all<{ status: string }>();
    const exports = results.map(({ status }) => status).join();
    const rotated = await env.DB.prepare("SELECT count(*) AS n FROM events WHERE type = 'secret_rotated'").first("n");
    return [
      ...(exports === "expired,ready" ? [] : [`the exports are ${exports}`]),
      ...(rotated === 1 ? [] : [`secrets were rotated ${rotated} times`]),
      ...(await unlessOnce(lost)),
      ...(await unlessOnce(vanished)),
    ];
  },
});

export const CRON: readonly Story[] = [leftBehind];
