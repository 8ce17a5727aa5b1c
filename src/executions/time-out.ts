import type { Engine } from "./engine.ts";
import type { ExecutionKey } from "./store/statements.ts";
import { stopExecution } from "./store/stop-execution.ts";

/** Ends an execution whose time is over as failed. Does nothing when it has ended already. */
export async function timeOut(engine: Engine, key: ExecutionKey): Promise<void> {
  const now = engine.clock.now();
  const message = "The execution took longer than its timeoutSeconds. What had succeeded is kept: retry runs the rest.";
  await stopExecution(engine, key, {
    status: "failed",
    error: { code: "execution_timeout", message },
    log: { at: now, line: "timeout", level: "error", message, nodeId: null },
  });
}
