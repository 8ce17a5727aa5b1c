import { and, asc, eq, gt } from "drizzle-orm";
import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import { nanoUsdToDecimal } from "../core/money.ts";
import { decodeCursor, type Page, type PageRequest, pageOf, UUID_KEY } from "../core/pagination.ts";
import type { Ctx } from "../db/context.ts";
import type { BudgetView } from "./budget-inputs.ts";
import { budgets } from "./budget-schema.ts";
import { type BudgetSpan, RESERVED, SPAN_OF_BUDGET, SPENT_BY_LEDGER, spansOf } from "./budget-statements.ts";
import { remainingOf } from "./rules/refuse-call.ts";

export type BudgetRow = typeof budgets.$inferSelect;

/** The budgets of the workspace, oldest first, each with the period that is running. */
export async function listBudgets(ctx: Ctx, request: PageRequest): Promise<Page<BudgetView>> {
  const { cursor, limit } = request;
  const rows = await ctx.db.orm
    .select()
    .from(budgets)
    .where(
      and(
        eq(budgets.workspaceId, ctx.workspaceId),
        cursor === undefined ? undefined : gt(budgets.id, decodeCursor(cursor, UUID_KEY)),
      ),
    )
    .orderBy(asc(budgets.id))
    .limit(limit + 1);
  const views = new Map((await viewBudgets(ctx, rows)).map((view) => [view.id, view]));
  const page = pageOf(
    rows,
    request,
    (row) => row.id,
    (row) => views.get(row.id),
  );
  return { ...page, items: page.items.filter((view) => view !== undefined) };
}

/** A budget with no more of its webhook's address than where it leads. */
export function withoutAddress(budget: BudgetView): BudgetView {
  return { ...budget, webhookUrl: budget.webhookUrl === null ? null : new URL(budget.webhookUrl).origin };
}

/** A budget's row. Throws `budget_not_found`. */
export async function readBudget(ctx: Ctx, id: string): Promise<BudgetRow> {
  const [row] = await ctx.db.orm
    .select()
    .from(budgets)
    .where(and(eq(budgets.workspaceId, ctx.workspaceId), eq(budgets.id, id)));
  if (!row) throw budgetNotFound();
  return row;
}

export function budgetNotFound(): DomainError {
  return new DomainError("budget_not_found", "There is no such budget in this workspace. GET /api/budgets lists them.");
}

/** Budgets as the API shows them. */
export async function viewBudgets(ctx: Ctx, rows: readonly BudgetRow[]): Promise<BudgetView[]> {
  const spans = new Map(spansOf(rows, ctx.clock.now()).map((span) => [span.id, span]));
  const sums = await readSums(ctx, [...spans.values()]);
  return rows.flatMap((row) => {
    const span = spans.get(row.id);
    return span ? viewOf(row, span, sums.get(row.id) ?? { spentNanoUsd: 0, reservedNanoUsd: 0 }) : [];
  });
}

const sumsSchema = z.object({ id: z.string(), spentNanoUsd: z.number(), reservedNanoUsd: z.number() });
type Sums = Omit<z.infer<typeof sumsSchema>, "id">;

/** A period that no call has begun yet has no row: then the ledger is asked, as its first call will. */
async function readSums(ctx: Ctx, spans: readonly BudgetSpan[]): Promise<Map<string, Sums>> {
  if (spans.length === 0) return new Map();
  const { results } = await ctx.db.d1
    .prepare(
      `SELECT b.id, coalesce((SELECT p.spent_nano_usd FROM budget_periods p WHERE p.workspace_id = ?1 AND p.budget_id = b.id
           AND p.period_start = span.value ->> 'from'), ${SPENT_BY_LEDGER}) AS spentNanoUsd, ${RESERVED} AS reservedNanoUsd
       FROM json_each(?2) span CROSS JOIN budgets b ON b.workspace_id = ?1 AND ${SPAN_OF_BUDGET}`,
    )
    .bind(ctx.workspaceId, JSON.stringify(spans))
    .run();
  return new Map(
    z
      .array(sumsSchema)
      .parse(results)
      .map(({ id, ...sums }) => [id, sums]),
  );
}

const alertAtSchema = z.array(z.number());

function viewOf(row: BudgetRow, span: BudgetSpan, { spentNanoUsd, reservedNanoUsd }: Sums): BudgetView {
  const { id, scope, workflowId, period, timezone, limitNanoUsd, action, webhookUrl } = row;
  const remainingNanoUsd = remainingOf({ limitNanoUsd, spentNanoUsd, reservedNanoUsd });
  return {
    id,
    scope,
    workflowId,
    period,
    timezone,
    limitUsd: nanoUsdToDecimal(limitNanoUsd),
    limitNanoUsd,
    alertAt: alertAtSchema.parse(JSON.parse(row.alertAt)),
    action,
    webhookUrl,
    spentNanoUsd,
    spentUsd: nanoUsdToDecimal(spentNanoUsd),
    reservedNanoUsd,
    reservedUsd: nanoUsdToDecimal(reservedNanoUsd),
    remainingNanoUsd,
    remainingUsd: nanoUsdToDecimal(remainingNanoUsd),
    periodStart: isoTime(span.from),
    periodEnd: isoTime(span.to),
    createdAt: isoTime(row.createdAt),
    updatedAt: isoTime(row.updatedAt),
  };
}
