import type { Engine } from "./engine.ts";
import type { LiveEvent } from "./live-events.ts";
import { firstRow, watchedSchema } from "./store/rows.ts";
import { selectWatched } from "./store/statements.ts";

/** Publishes events when somebody watches the workspace: without a watcher they would wake its live feed for nothing. */
export async function publishIfWatched(
  engine: Engine,
  workspaceId: string,
  events: readonly LiveEvent[],
): Promise<void> {
  const answer = await selectWatched(engine.db, workspaceId, engine.clock.now()).run();
  if (firstRow(watchedSchema, answer)?.watched === 1) engine.publish(workspaceId, events);
}
