import type { Engine } from "../engine.ts";
import { LEASE_MS } from "../limits.ts";
import type { ClaimedStep } from "./claimed-step.ts";
import type { ExecutionKey } from "./statements.ts";

/**
 * Says that the owner of a step is alive. False when the step is no longer its own: cancelled, timed out, given to
 * somebody else or deleted.
 */
export async function renewLease(
  engine: Engine,
  key: ExecutionKey,
  step: Pick<ClaimedStep, "nodeId" | "fence">,
): Promise<boolean> {
  const { results } = await engine.db.d1
    .prepare(
      `UPDATE steps SET wake_at = ?5 WHERE workspace_id = ?1 AND execution_id = ?2 AND node_id = ?3
         AND status = 'running' AND fence = ?4 RETURNING node_id`,
    )
    .bind(key.workspaceId, key.executionId, step.nodeId, step.fence, engine.clock.now() + LEASE_MS)
    .run();
  return results.length === 1;
}
