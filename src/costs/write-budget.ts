import { and, eq } from "drizzle-orm";
import { type CipherSettings, encrypt } from "../core/cipher.ts";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { retryTransient, violatesForeignKey, violatesUnique } from "../db/transient.ts";
import type { BudgetChange, NewBudget, WrittenBudget } from "./budget-inputs.ts";
import { budgetPeriods, budgets } from "./budget-schema.ts";
import { newWebhookSecret, webhookSecretPlace } from "./budget-secret.ts";
import { beginPeriods, spansOf } from "./budget-statements.ts";
import { type BudgetRow, budgetNotFound, readBudget, viewBudgets } from "./read-budgets.ts";
import { checkWebhookUrl } from "./rules/webhook-address.ts";

export type BudgetSettings = CipherSettings & { ALLOW_LOCAL_PROVIDERS: boolean };

/** All of a workspace's are looked at before each call. */
const MAX_BUDGETS = 50;

/**
 * Adds a budget. Its running period begins with what was spent in it already. Throws `invalid_fields`,
 * `workflow_not_found` and `too_many_budgets`.
 */
export async function createBudget(ctx: Ctx, settings: BudgetSettings, input: NewBudget): Promise<WrittenBudget> {
  const { d1 } = ctx.db;
  const now = ctx.clock.now();
  const id = ctx.ids.next();
  const workflowId = input.workflowId ?? null;
  const scope = input.scope ?? (workflowId === null ? "workspace" : "workflow");
  const webhook = await webhookOf(ctx, settings, id, input.webhookUrl ?? null, null);
  const row: BudgetRow = {
    workspaceId: ctx.workspaceId,
    id,
    ...scoped(scope, workflowId),
    period: input.period,
    timezone: input.timezone,
    limitNanoUsd: input.limitUsd,
    alertAt: JSON.stringify(input.alertAt),
    action: input.action,
    ...webhook.columns,
    createdAt: now,
    updatedAt: now,
  };
  const insert = d1
    .prepare(
      `INSERT INTO budgets (workspace_id, id, scope, workflow_id, period, timezone, limit_nano_usd, alert_at, action,
         webhook_url, webhook_secret, created_at, updated_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12
       WHERE (SELECT count(*) FROM budgets WHERE workspace_id = ?1) < ?13 RETURNING id`,
    )
    .bind(
      row.workspaceId,
      row.id,
      row.scope,
      row.workflowId,
      row.period,
      row.timezone,
      row.limitNanoUsd,
      row.alertAt,
      row.action,
      row.webhookUrl,
      row.webhookSecret,
      now,
      MAX_BUDGETS,
    );
  const statements = [insert, beginPeriods(ctx.db, ctx.workspaceId, spansOf([row], now))];
  await refuseUnknownWorkflow(async () => {
    try {
      const [written] = await retryTransient(() => d1.batch(statements));
      if (written?.results.length !== 1) throw tooMany();
    } catch (error) {
      // The id is ours alone: when it is taken, a fault hit behind the first try's effect.
      if (!violatesUnique(error, "budgets")) throw error;
    }
  });
  return written(ctx, row, webhook.secret);
}

/**
 * Changes what is given of a budget. A limit counts at once; with another zone, period or scope the running period is
 * reckoned anew from the ledger. Throws `budget_not_found`, `workflow_not_found` and `invalid_fields`.
 */
export async function changeBudget(
  ctx: Ctx,
  settings: BudgetSettings,
  id: string,
  change: BudgetChange,
): Promise<WrittenBudget> {
  const before = await readBudget(ctx, id);
  const now = ctx.clock.now();
  const webhook = await webhookOf(ctx, settings, id, change.webhookUrl, before);
  const set = {
    ...(change.scope === undefined && change.workflowId === undefined ? {} : rescoped(before, change)),
    ...(change.period === undefined ? {} : { period: change.period }),
    ...(change.timezone === undefined ? {} : { timezone: change.timezone }),
    ...(change.limitUsd === undefined ? {} : { limitNanoUsd: change.limitUsd }),
    ...(change.alertAt === undefined ? {} : { alertAt: JSON.stringify(change.alertAt) }),
    ...(change.action === undefined ? {} : { action: change.action }),
    ...(change.webhookUrl === undefined ? {} : webhook.columns),
    updatedAt: now,
  };
  const after = { ...before, ...set };
  const { orm } = ctx.db;
  const own = and(eq(budgets.workspaceId, ctx.workspaceId), eq(budgets.id, id));
  const ownPeriods = and(eq(budgetPeriods.workspaceId, ctx.workspaceId), eq(budgetPeriods.budgetId, id));
  const reckoned =
    after.timezone !== before.timezone || after.period !== before.period || after.workflowId !== before.workflowId;
  const update = orm.update(budgets).set(set).where(own).returning();
  const rows = await refuseUnknownWorkflow(() =>
    retryTransient(async () =>
      reckoned ? (await orm.batch([update, orm.delete(budgetPeriods).where(ownPeriods)]))[0] : update,
    ),
  );
  const [row] = rows;
  if (!row) throw budgetNotFound();
  // By itself, for the row as it is now: somebody else may have changed it too. Who calls before it begins it himself.
  await retryTransient(() => beginPeriods(ctx.db, ctx.workspaceId, spansOf([row], now)).run());
  return written(ctx, row, webhook.secret);
}

/** Removes a budget with its periods and alerts. Throws `budget_not_found`. */
export async function deleteBudget(ctx: Ctx, id: string): Promise<void> {
  const gone = await ctx.db.orm
    .delete(budgets)
    .where(and(eq(budgets.workspaceId, ctx.workspaceId), eq(budgets.id, id)))
    .returning({ id: budgets.id });
  if (gone.length === 0) throw budgetNotFound();
}

async function written(ctx: Ctx, row: BudgetRow, secret: string | null): Promise<WrittenBudget> {
  const [view] = await viewBudgets(ctx, [row]);
  if (!view) throw new Error(`budget ${row.id} has no period`);
  return secret === null ? view : { ...view, webhookSecret: secret };
}

function scoped(scope: BudgetRow["scope"], workflowId: string | null): Pick<BudgetRow, "scope" | "workflowId"> {
  if (scope === "workflow" && workflowId === null)
    throw invalid("workflowId", "the workflow that it is for is missing");
  if (scope === "workspace" && workflowId !== null) throw invalid("workflowId", "goes with the scope workflow only");
  return { scope, workflowId };
}

function rescoped(before: BudgetRow, change: BudgetChange): Pick<BudgetRow, "scope" | "workflowId"> {
  const scope = change.scope ?? before.scope;
  // A workflow budget that is made the workspace's own loses its workflow with that.
  const kept = scope === "workspace" ? null : before.workflowId;
  return scoped(scope, change.workflowId === undefined ? kept : change.workflowId);
}

/** Address and secret of the webhook. A secret is made with the first address, and shown then only. */
async function webhookOf(
  ctx: Ctx,
  settings: BudgetSettings,
  id: string,
  given: string | null | undefined,
  before: BudgetRow | null,
): Promise<{ columns: Pick<BudgetRow, "webhookUrl" | "webhookSecret">; secret: string | null }> {
  if (given === undefined || given === null)
    return { columns: { webhookUrl: null, webhookSecret: null }, secret: null };
  const address = checkWebhookUrl(given, { allowLocal: settings.ALLOW_LOCAL_PROVIDERS });
  if (!address.ok) throw invalid("webhookUrl", address.reason);
  const known = before?.webhookSecret ?? null;
  if (known !== null) return { columns: { webhookUrl: address.url, webhookSecret: known }, secret: null };
  const secret = newWebhookSecret(ctx.ids);
  const sealed = await encrypt(settings, secret, webhookSecretPlace(ctx.workspaceId, id));
  return { columns: { webhookUrl: address.url, webhookSecret: sealed }, secret };
}

async function refuseUnknownWorkflow<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!violatesForeignKey(error)) throw error;
    throw new DomainError("workflow_not_found", "There is no such workflow in this workspace.", {
      details: [{ path: "workflowId", message: "names no workflow of this workspace" }],
    });
  }
}

function tooMany(): DomainError {
  return new DomainError(
    "too_many_budgets",
    `A workspace has at most ${MAX_BUDGETS} budgets, since all are looked at before each call. Delete or change one.`,
  );
}

function invalid(path: string, message: string): DomainError {
  return new DomainError("invalid_fields", `The budget was not saved: ${path}: ${message}.`, {
    details: [{ path, message }],
  });
}
