import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { Engine } from "./engine.ts";
import { readExecution } from "./read-execution.ts";
import { stopExecution } from "./store/stop-execution.ts";

/**
 * Cancels an execution at once: steps that have not ended are cancelled, and calls under way are given up by the next
 * heartbeat. Throws `execution_not_found`, and `execution_finished` when it had ended first.
 */
export async function cancelExecution(ctx: Ctx, engine: Engine, executionId: string): Promise<void> {
  const { status } = await readExecution(ctx, executionId);
  const key = { workspaceId: ctx.workspaceId, executionId };
  const now = ctx.clock.now();
  const stopped = await stopExecution(engine, key, {
    status: "cancelled",
    error: null,
    log: { at: now, line: "cancel", level: "warn", message: "Cancelled", nodeId: null },
  });
  if (!stopped) {
    throw new DomainError(
      "execution_finished",
      `The execution has ended already (it was ${status} when asked). There is nothing to cancel.`,
    );
  }
}
