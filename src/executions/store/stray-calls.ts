import { retryTransient } from "../../db/transient.ts";
import type { Agent } from "../../definitions/index.ts";
import type { ChainCall, Hop } from "../../providers/index.ts";
import type { Engine } from "../engine.ts";
import { publishCosts } from "../publish-costs.ts";
import { tellUnpriced } from "../tell-unpriced.ts";
import { writeCall } from "./calls.ts";
import type { RunningExecution } from "./claim-step.ts";
import type { ClaimedStep } from "./claimed-step.ts";
import { writeHops } from "./hops.ts";
import { firstRow, watchedSchema } from "./rows.ts";
import { selectWatched } from "./statements.ts";

/**
 * Writes calls outside of the batch that ends their step: those that others follow, or whose step is not theirs to end any
 * more. The money was spent all the same. Watchers are told.
 */
export async function writeStrayCalls(
  engine: Engine,
  execution: RunningExecution,
  step: Pick<ClaimedStep, "nodeId" | "fence">,
  agent: Agent,
  calls: readonly ChainCall[],
  hops: readonly Hop[],
): Promise<void> {
  const { db } = engine;
  const statements = [
    ...calls.flatMap((call) => writeCall(db, execution, step, agent, call)),
    ...writeHops(db, execution, step, hops),
  ];
  if (statements.length === 0) return;
  const watch = selectWatched(db, execution.workspaceId, engine.clock.now());
  const results = await retryTransient(() => db.d1.batch([...statements, watch]));
  tellUnpriced(engine, execution, step.nodeId, calls);
  if (firstRow(watchedSchema, results.at(-1))?.watched === 1) publishCosts(engine, execution, step.nodeId, calls);
}
