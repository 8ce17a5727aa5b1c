import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { isoTimeOrNull } from "../core/clock.ts";
import { errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { Engine } from "../executions/index.ts";
import { webhookMisses } from "./schema.ts";

/** Wrong secrets are gathered this long, and then written with one statement, however many they are. */
const GATHERED_MS = 1_000;
/** Whoever was to write them has been cut off when it has not done so by then. */
const GIVEN_UP_MS = 10_000;
/** Workflow ids are made up by whoever calls: only so many are remembered until the next writing. */
const MAX_GATHERED = 500;

const gathered = new Map<string, number>();
let writesAt: number | null = null;

/** Counts a call with a wrong secret, for the owners of the workflow that it named, behind the answer's back. */
export function countMiss(engine: Engine, workflowId: string): void {
  const known = gathered.get(workflowId);
  if (known === undefined && gathered.size >= MAX_GATHERED) return;
  gathered.set(workflowId, (known ?? 0) + 1);
  const now = engine.clock.now();
  if (writesAt !== null && now < writesAt + GIVEN_UP_MS) return;
  writesAt = now + GATHERED_MS;
  engine.background(write(engine));
}

const writtenSchema = z.array(z.object({ workspace_id: z.string(), workflow_id: z.string(), count: z.number() }));

async function write(engine: Engine): Promise<void> {
  await engine.sleep(GATHERED_MS, new AbortController().signal);
  const counts = JSON.stringify(Object.fromEntries(gathered));
  gathered.clear();
  writesAt = null;
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
