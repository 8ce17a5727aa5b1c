import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { WrittenBudget } from "../../src/costs/budget-inputs.ts";
import { forgetUncounted, releaseReservation, reserveBudgets, spendExpired } from "../../src/costs/index.ts";
import { openDb } from "../../src/db/client.ts";
import { type Account, signUp } from "../worker/accounts.ts";
import { spendingOf } from "../worker/spending.ts";
import { createWorkflow } from "../worker/workflows.ts";

let account: Account;
let workflowId: string;
beforeAll(async () => {
  account = await signUp();
  workflowId = await createWorkflow(account, ["a"]);
});
beforeEach(async () => {
  await env.DB.batch([
    env.DB.prepare("DELETE FROM budgets"),
    env.DB.prepare("DELETE FROM execution_costs"),
    env.DB.prepare("DELETE FROM budget_reservations"),
    env.DB.prepare("DELETE FROM events"),
  ]);
});

const { budget, budgetsApplying, entry, reservation } = spendingOf(
  () => account,
  () => workflowId,
);

describe("the sums", () => {
  test("a reservation that is asked for twice, as after a fault behind its effect, is held once and granted both times", async () => {
    const { id } = await budget({ limitUsd: "0.0000001", action: "block" });
    const ports = { db: openDb(env.DB) };
    const key = { workspaceId: account.workspaceId, executionId: "twice", nodeId: "a", fence: 1, attempt: 1 };
    const call = reservation(key, Date.now(), 60, await budgetsApplying());
    expect([await reserveBudgets(ports, call), await reserveBudgets(ports, call)]).toEqual([null, null]);
    expect(await reserveBudgets(ports, { ...call, attempt: 2 })).toMatchObject({ kind: "budget", budgetId: id });
    const { body } = await account.send<{ items: WrittenBudget[] }>("GET", "/api/budgets");
    expect(body.items[0]).toMatchObject({ reservedNanoUsd: 60, remainingNanoUsd: 40 });
  });

  test("a budget that was changed or added since a step was claimed holds its calls all the same", async () => {
    const { id } = await budget({ limitUsd: "0.0000001", action: "alert" });
    const stale = await budgetsApplying();
    const ports = { db: openDb(env.DB) };
    await account.send("PUT", `/api/budgets/${id}`, { timezone: "Asia/Tokyo", period: "month", action: "block" });
    const added = await budget({ limitUsd: "0.00000005", action: "block", workflowId });
    const call = (attempt: number, amount: number) => {
      const key = { workspaceId: account.workspaceId, executionId: "stale", nodeId: "a", fence: 1, attempt };
      return reserveBudgets(ports, reservation(key, Date.now(), amount, stale));
    };
    expect(await call(1, 101)).toMatchObject({ kind: "budget", budgetId: id });
    expect(await call(2, 60)).toMatchObject({ kind: "budget", budgetId: added.id });
    expect(await call(3, 50)).toBeNull();
  });

  /** What may happen to a call, in any order and any number of times. */
  const step = fc.record({
    call: fc.integer({ min: 1, max: 6 }),
    what: fc.constantFrom(
      "reserve",
      "reserve",
      "settle",
      "settle",
      "unpriced",
      "reprice",
      "release",
      "lose",
      "find",
      "expire",
    ),
    amount: fc.integer({ min: 1, max: 400 }),
  });

  test("spent is what the ledger and lost calls add up to, and reserved what is open, whatever happens in whatever order", async () => {
    const at = Date.now();
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        round += 1;
        const db = openDb(env.DB);
        await env.DB.batch(
          ["budgets", "execution_costs", "budget_reservations"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
        );
        const { id } = await budget({ limitUsd: "0.000001", action: "block" });
        const budgets = await budgetsApplying();
        const keyOf = (call: number) => ({
          workspaceId: account.workspaceId,
          executionId: `r${round}`,
          nodeId: "a",
          fence: 1,
          attempt: call,
        });
        for (const { call, what, amount } of steps) {
          const key = keyOf(call);
          if (what === "reserve") await reserveBudgets({ db }, reservation(key, at, amount, budgets));
          if (what === "settle") await entry(key, at, amount).run();
          if (what === "unpriced") await entry(key, at, null).run();
          if (what === "release") await releaseReservation(db, key).run();
          if (what === "lose") await entry(key, at, null, null).run();
          if (what === "find") await forgetUncounted(db, key).run();
          if (what === "expire") await spendExpired(db, at + 2_000, 2);
          if (what === "reprice") {
            await env.DB.prepare(
              "UPDATE execution_costs SET cost_nano_usd = ? WHERE cost_nano_usd IS NULL AND uncounted = 0 AND attempt = ?",
            )
              .bind(amount, call)
              .run();
          }
          const sums = await env.DB.prepare(
            `SELECT (SELECT spent_nano_usd FROM budget_periods WHERE budget_id = ?1) AS spent,
               (SELECT coalesce(sum(cost_nano_usd), 0) FROM execution_costs)
                 + (SELECT coalesce(sum(amount_nano_usd), 0) FROM budget_reservations WHERE lost = 1) AS owed`,
          )
            .bind(id)
            .first<{ spent: number; owed: number }>();
          expect(sums?.spent).toBe(sums?.owed);
        }
        await spendExpired(db, at + 2_000, 100);
        const { body } = await account.send<{ items: WrittenBudget[] }>("GET", "/api/budgets");
        expect(body.items[0]?.reservedNanoUsd).toBe(0);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
