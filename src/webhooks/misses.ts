import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { isoTimeOrNull } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { Engine } from "../executions/index.ts";
import { Later } from "./later.ts";
import { webhookMisses } from "./schema.ts";

/** Workflow ids are made up by whoever calls: only so many are remembered until the next writing. */
const MAX_GATHERED = 500;

/** No workflow's id is longer. */
const MAX_ID_LENGTH = 64;

const gathered = new Map<string, number>();
/** Wrong secrets that come within this time are counted by one statement. */
const later = new Later(1_000);

/** Counts a call with a wrong secret, for the owners of the workflow that it named, behind the answer's back. */
export function countMiss(engine: Engine, workflowId: string): void {
  if (workflowId.length > MAX_ID_LENGTH) return;
  const known = gathered.get(workflowId);
  if (known === undefined && gathered.size >= MAX_GATHERED) return;
  gathered.set(workflowId, (known ?? 0) + 1);
  later.ask(engine, () => write(engine));
}

const writtenSchema = z.array(z.object({ workspace_id: z.string(), workflow_id: z.string(), count: z.number() }));

async function write(engine: Engine): Promise<void> {
  const counts = JSON.stringify(Object.fromEntries(gathered));
  gathered.clear();
  try {
    const { results } = await engine.db.d1
      .prepare(
        `INSERT INTO webhook_misses (workspace_id, workflow_id, count, last_at)
         SELECT DISTINCT h.workspace_id, h.workflow_id, missed.value, ?2
         FROM json_each(?1) AS missed CROSS JOIN webhooks h ON h.workflow_id = missed.key WHERE true
         ON CONFLICT (workspace_id, workflow_id) DO UPDATE SET count = count + excluded.count,
           last_at = max(last_at, excluded.last_at)
         RETURNING workspace_id, workflow_id, count`,
      )
      .bind(counts, engine.clock.now())
      .run();
    for (const { workspace_id: workspaceId, workflow_id: workflowId, count } of writtenSchema.parse(results)) {
      engine.log.log("warn", "Webhook", "calls with a wrong secret", { workspaceId, workflowId, soFar: count });
    }
  } catch (error) {
    engine.log.log("warn", "Webhook", `wrong secrets were not counted: ${errorText(error)}`);
  }
}

/** How often a workflow was called with a secret of none of its webhooks, and when last. Up to a second behind. */
export async function missesOf(ctx: Ctx, workflowId: string): Promise<{ count: number; lastAt: string | null }> {
  const [row] = await ctx.db.orm
    .select()
    .from(webhookMisses)
    .where(and(eq(webhookMisses.workspaceId, ctx.workspaceId), eq(webhookMisses.workflowId, workflowId)));
  return { count: row?.count ?? 0, lastAt: isoTimeOrNull(row?.lastAt ?? null) };
}
