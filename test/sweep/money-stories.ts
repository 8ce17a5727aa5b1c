import { env } from "cloudflare:workers";
import { executionsOf, STEPS, unlessOnce, workflowOf } from "./executions.ts";
import { ALERTS_URL } from "./outside.ts";
import { type Story, story } from "./scenario.ts";

const ONCE = { "Idempotency-Key": "one" };

const budget = story({
  ...{ id: "budget", name: "an execution under a budget, up to what is told of it", executes: STEPS },
  async before(world) {
    const workflowId = await workflowOf(world);
    // So that one threshold is reached by the first call and the other by none.
    const body = { period: "month", limitUsd: "0.50", alertAt: [1, 100], action: "block", webhookUrl: ALERTS_URL };
    await world.insist("POST", "/api/budgets", body);
    return workflowId;
  },
  async happens(world, workflowId) {
    await world.insist("POST", `/api/workflows/${workflowId}/execute`, { input: "go" }, ONCE);
    await world.drain();
    await world.tick();
  },
  async faultsIn(world, workflowId) {
    const events = await env.DB.prepare("SELECT count(*) AS n FROM events WHERE type = 'budget_alert'").first("n");
    const alerts = [...new Set(world.outside.alerts)];
    const told = events === 1 && alerts.length === 1 ? [] : [`${events} events, ${alerts.length} alerts sent`];
    return [...told, ...(await unlessOnce(workflowId))];
  },
});

const retry = story({
  ...{ id: "retry", name: "a retry that takes over what had succeeded", executes: 2 },
  async before(world) {
    const workflowId = await workflowOf(world, ["a>b", "a>c", "c>d"]);
    world.outside.refuses = "You are c.";
    await world.insist("POST", `/api/workflows/${workflowId}/execute`, { input: "go" });
    await world.drain();
    world.outside.refuses = null;
    const [first] = await executionsOf(workflowId);
    if (first?.status !== "failed") throw new Error(`there is nothing to retry: ${first?.status}`);
    return { workflowId, first: first.id };
  },
  async happens(world, { first }) {
    await world.insist("POST", `/api/executions/${first}/retry`, {}, ONCE);
    await world.drain();
  },
  async faultsIn(_, { workflowId, first }) {
    const retries = (await executionsOf(workflowId)).filter(({ id }) => id !== first);
    const ended = retries.map(({ status, error }) => `${status} ${error ?? ""}`.trim()).join();
    return ended === "succeeded" ? [] : [`its retries are ${ended}`];
  },
});

export const MONEY: readonly Story[] = [budget, retry];
