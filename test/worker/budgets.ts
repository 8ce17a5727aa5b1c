import { env } from "cloudflare:workers";
import type { WrittenBudget } from "../../src/costs/budget-inputs.ts";
import { startExecution } from "../../src/executions/index.ts";
import { getExecution } from "../../src/executions/read-execution.ts";
import type { Account } from "./accounts.ts";
import { ctxWith, type TestEngine } from "./engine.ts";
import { createWorkflow } from "./workflows.ts";

/** gpt-4.1-mini: 0.40 and 1.60 USD per million tokens, so that 10 tokens in and 5 out are 4,000 + 8,000 nano-USD. */
export const CALL = 12_000;
/** Of the prompt's bytes as input tokens and 100 output tokens: roughly. Every test's calls ask for less than this. */
export const WORST = 300_000;

export const usd = (nanoUsd: number) => (nanoUsd / 1e9).toFixed(9);

type Options = Parameters<typeof createWorkflow>[2];
export const ONE_TRY = { settings: { stepRetries: 0 }, agents: { a: { fallback: { enabled: false } } } };

/** What tests of budgets make, run and read as an account, which may be signed up later. */
export function budgetsOf(account: () => Account) {
  async function budget(over: object = {}): Promise<WrittenBudget> {
    const body = { period: "day", limitUsd: usd(10 * WORST), action: "block", ...over };
    const { status, body: made } = await account().send<WrittenBudget>("POST", "/api/budgets", body);
    if (status !== 201) throw new Error(`creating a budget answered ${status}: ${JSON.stringify(made)}`);
    return made;
  }

  async function listed(who: Account): Promise<WrittenBudget[]> {
    return (await who.send<{ items: WrittenBudget[] }>("GET", "/api/budgets?limit=200")).body.items;
  }

  async function seen(id: string): Promise<WrittenBudget> {
    const found = (await listed(account())).find((each) => each.id === id);
    if (!found) throw new Error(`budget ${id} is not listed`);
    return found;
  }

  const numbersOf = async (id: string) => {
    const { spentNanoUsd, reservedNanoUsd } = await seen(id);
    return { spentNanoUsd, reservedNanoUsd };
  };

  async function reservations(executionId: string) {
    const { results } = await env.DB.prepare(
      "SELECT amount_nano_usd AS amount, lost FROM budget_reservations WHERE execution_id = ?",
    )
      .bind(executionId)
      .all<{ amount: number; lost: number }>();
    return results;
  }

  async function start(engine: TestEngine, options: Options = ONE_TRY, edges: readonly string[] = ["a"]) {
    const workflowId = await createWorkflow(account(), edges, options);
    return { workflowId, executionId: await startAgain(engine, workflowId) };
  }

  async function startAgain(engine: TestEngine, workflowId: string): Promise<string> {
    const trigger = { type: "manual", id: null } as const;
    return (await startExecution(ctxWith(account(), engine), engine, { workflowId, input: "go", trigger })).executionId;
  }

  const read = (engine: TestEngine, executionId: string) =>
    getExecution(ctxWith(account(), engine), engine, executionId);

  async function attempts(executionId: string) {
    const path = `/api/executions/${executionId}/attempts`;
    return (await account().send<{ items: Record<string, unknown>[] }>("GET", path)).body.items;
  }

  async function events(type: string) {
    const { items } = (
      await account().send<{ items: { message: string; data: Record<string, unknown> }[] }>(
        "GET",
        `/api/events?type=${type}&limit=200`,
      )
    ).body;
    return items;
  }

  return { attempts, budget, events, listed, numbersOf, read, reservations, seen, start, startAgain };
}
