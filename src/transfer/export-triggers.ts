import { and, asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { isoTimeOrNull } from "../core/clock.ts";
import type { Ctx } from "../db/context.ts";
import { schedules } from "../schedules/schema.ts";
import { webhooks } from "../webhooks/schema.ts";

/** The number of the version that an id or a number pins. Columns by name: drizzle leaves the table out. */
const pinnedNumber = (table: "schedules" | "webhooks") =>
  sql<number | null>`(SELECT v.number FROM versions v WHERE v.workspace_id = ${sql.raw(table)}.workspace_id
    AND v.id = ${sql.raw(table)}.pinned_version_id)`.as("pinned_number");

const conditionSchema = z.object({ workflowId: z.string().optional(), expression: z.string() }).nullable();

/** The schedules of these workflows, by the workflow's id. */
export async function readSchedules(ctx: Ctx, workflowIds: readonly string[]): Promise<Map<string, ScheduleOut[]>> {
  const rows = await ctx.db.orm
    .select({ row: schedules, pinnedNumber: pinnedNumber("schedules") })
    .from(schedules)
    .where(and(eq(schedules.workspaceId, ctx.workspaceId), amongWorkflows(workflowIds)))
    .orderBy(asc(schedules.id));
  return grouped(rows.map((each) => [each.row.workflowId, scheduleOut(each.row, each.pinnedNumber)] as const));
}

export type ScheduleOut = ReturnType<typeof scheduleOut>;

/** What a person sets of a schedule. A version is named by its number, since ids mean nothing elsewhere. */
function scheduleOut(row: typeof schedules.$inferSelect, pinned: number | null) {
  const { cronExpression, timezone, overlap, catchUp, jitterSeconds, maxRetries, retryDelaySeconds } = row;
  return {
    ...{ cronExpression, timezone, overlap, catchUp, jitterSeconds, maxRetries, retryDelaySeconds },
    enabled: row.enabled === 1,
    input: JSON.parse(row.input) satisfies unknown,
    version: row.pinnedVersionId === null ? row.version : pinned,
    dst:
      row.dstGap === null && row.dstOverlap === null
        ? null
        : { gap: row.dstGap ?? undefined, overlap: row.dstOverlap ?? undefined },
    startAt: isoTimeOrNull(row.startAt),
    endAt: isoTimeOrNull(row.endAt),
    condition: row.condition === null ? null : conditionSchema.parse(JSON.parse(row.condition)),
    after: row.afterWorkflowId === null ? null : { workflowId: row.afterWorkflowId },
    pauseAfterFailures: row.pauseAfterFailures,
  };
}

/** The columns of a webhook that leave. Its secrets are not even read. */
const webhookColumns = {
  workflowId: webhooks.workflowId,
  enabled: webhooks.enabled,
  ipWhitelist: webhooks.ipWhitelist,
  payloadTransformer: webhooks.payloadTransformer,
  signature: webhooks.signature,
  rateLimit: webhooks.rateLimit,
  rateWindowSeconds: webhooks.rateWindowSeconds,
  rotateAfterDays: webhooks.rotateAfterDays,
  version: webhooks.version,
  pinnedVersionId: webhooks.pinnedVersionId,
  pinnedNumber: pinnedNumber("webhooks"),
};

const addresses = z.array(z.string());
const mapping = z.record(z.string(), z.string()).nullable();
const signature = z.object({
  scheme: z.string(),
  header: z.string().optional(),
  encoding: z.string().optional(),
  prefix: z.string().optional(),
});

/** The webhooks of these workflows, by the workflow's id. */
export async function readWebhooks(ctx: Ctx, workflowIds: readonly string[]): Promise<Map<string, WebhookOut[]>> {
  const rows = await ctx.db.orm
    .select(webhookColumns)
    .from(webhooks)
    .where(and(eq(webhooks.workspaceId, ctx.workspaceId), amongWorkflows(workflowIds)))
    .orderBy(asc(webhooks.id));
  return grouped(rows.map((row) => [row.workflowId, webhookOut(row)] as const));
}

type WebhookRow = {
  [Column in Exclude<keyof typeof webhookColumns, "pinnedNumber">]: (typeof webhooks.$inferSelect)[Column];
} & {
  pinnedNumber: number | null;
};
export type WebhookOut = ReturnType<typeof webhookOut>;

function webhookOut(row: WebhookRow) {
  return {
    enabled: row.enabled === 1,
    ipWhitelist: addresses.parse(JSON.parse(row.ipWhitelist)),
    payloadTransformer: mapping.parse(JSON.parse(row.payloadTransformer ?? "null")),
    signature: signature.parse(JSON.parse(row.signature)),
    rateLimit: { limit: row.rateLimit, windowSeconds: row.rateWindowSeconds },
    rotateAfterDays: row.rotateAfterDays,
    version: row.pinnedVersionId === null ? row.version : row.pinnedNumber,
  };
}

function amongWorkflows(workflowIds: readonly string[]) {
  return sql`workflow_id IN (SELECT value FROM json_each(${JSON.stringify(workflowIds)}))`;
}

/** By workflow, each list in an order of its own content: the same triggers give the same file, whatever their ids. */
function grouped<Item>(pairs: readonly (readonly [string, Item])[]): Map<string, Item[]> {
  const groups = new Map<string, { text: string; item: Item }[]>();
  for (const [workflowId, item] of pairs) {
    const group = groups.get(workflowId) ?? [];
    group.push({ text: JSON.stringify(item), item });
    groups.set(workflowId, group);
  }
  return new Map(
    [...groups].map(([workflowId, group]) => [
      workflowId,
      group.toSorted((one, other) => (one.text < other.text ? -1 : 1)).map(({ item }) => item),
    ]),
  );
}

/** What a template keeps of a schedule: when it fires, and nothing that belongs to this installation or to a run. */
export function templateSchedules(given: readonly ScheduleOut[]): ScheduleOut[] {
  return given
    .filter(({ after, condition }) => after === null && condition?.workflowId === undefined)
    .map((schedule) => ({ ...schedule, enabled: false, input: null, version: null, startAt: null, endAt: null }));
}

/** What a template keeps of a webhook: neither addresses of senders nor a version. */
export function templateWebhooks(given: readonly WebhookOut[]): WebhookOut[] {
  return given.map((webhook) => ({ ...webhook, enabled: false, ipWhitelist: [], version: null }));
}
