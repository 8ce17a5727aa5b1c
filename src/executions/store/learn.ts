import type { Db } from "../../db/client.ts";
import { insertEntries, MAX_ENTRIES_FOR_AGENTS, type NewEntry } from "../../knowledge/index.ts";
import type { RunningExecution } from "./claim-step.ts";
import type { ClaimedStep } from "./claimed-step.ts";

/**
 * The statements that write what a step's agent has learned, none for nothing; for the batch that ends the step, so
 * that it is learned once. Where the workspace has no room for it, the execution's log says so.
 */
export function writeLessons(
  db: Db,
  { workspaceId, executionId }: Pick<RunningExecution, "workspaceId" | "executionId">,
  { nodeId, fence }: Pick<ClaimedStep, "nodeId" | "fence">,
  learned: readonly NewEntry[],
  now: number,
): D1PreparedStatement[] {
  if (learned.length === 0) return [];
  const message = `The workspace holds ${MAX_ENTRIES_FOR_AGENTS} knowledge entries or more: agents learn nothing new until some are deleted.`;
  return [
    insertEntries(db, workspaceId, learned, MAX_ENTRIES_FOR_AGENTS),
    db.d1
      .prepare(
        `INSERT INTO logs (workspace_id, execution_id, at, line, level, message, node_id)
         SELECT ?1, ?2, ?3, ?4, 'warn', ?5, ?6
         WHERE (SELECT count(*) FROM knowledge WHERE workspace_id = ?1) >= ?7 ON CONFLICT DO NOTHING`,
      )
      .bind(workspaceId, executionId, now, `${nodeId}!${fence}/full`, message, nodeId, MAX_ENTRIES_FOR_AGENTS),
  ];
}
