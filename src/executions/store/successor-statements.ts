import type { Db } from "../../db/client.ts";
import type { SuccessorEffects } from "../rules/successors.ts";
import type { ExecutionKey } from "./statements.ts";

/**
 * The statements that pass a step's end on to the steps behind it. They count in the database, inside the batch that
 * ends the step: two branches that end together must not each read the other as running. When steps may be skipped,
 * the last statement returns `{node_id, status}` of those that it touched.
 */
export function passOn(db: Db, key: ExecutionKey, effects: SuccessorEffects, now: number): D1PreparedStatement[] {
  const statements: D1PreparedStatement[] = [];
  if (effects.direct.length > 0) statements.push(settleDirect(db, key, effects.direct));
  if (effects.candidates.length > 0) statements.push(cascadeSkips(db, key, effects.candidates, now));
  return statements;
}

function settleDirect(db: Db, key: ExecutionKey, direct: SuccessorEffects["direct"]): D1PreparedStatement {
  return db.d1
    .prepare(
      `UPDATE steps SET waiting = waiting - effect.settled, taken = taken + effect.led,
         status = CASE WHEN waiting = effect.settled AND taken + effect.led > 0 THEN 'ready' ELSE status END
       FROM (SELECT value ->> 'nodeId' AS id, value ->> 'settled' AS settled, value ->> 'taken' AS led FROM json_each(?3)) AS effect
       WHERE steps.workspace_id = ?1 AND steps.execution_id = ?2 AND steps.node_id = effect.id AND steps.status = 'pending'`,
    )
    .bind(key.workspaceId, key.executionId, JSON.stringify(direct));
}

/**
 * Skips every candidate that can no longer run: nothing led to it, and all that it still waits for is skipped too.
 * The candidates come sources first, so one walk along them with the list of the skipped so far decides each. What is
 * settled by the skips is counted off the others, which may become ready by it.
 */
function cascadeSkips(
  db: Db,
  key: ExecutionKey,
  candidates: SuccessorEffects["candidates"],
  now: number,
): D1PreparedStatement {
  return db.d1
    .prepare(
      `WITH RECURSIVE
         candidate (i, node_id, sources) AS (SELECT key, value ->> 'nodeId', value -> 'from' FROM json_each(?3)),
         walk (i, skipped) AS (
           SELECT -1, json('[]')
           UNION ALL
           SELECT walk.i + 1, CASE
             WHEN s.status = 'pending' AND s.taken = 0 AND s.waiting =
               (SELECT count(*) FROM json_each(candidate.sources) source WHERE source.value IN (SELECT value FROM json_each(walk.skipped)))
             THEN json_insert(walk.skipped, '$[#]', candidate.node_id) ELSE walk.skipped END
           FROM walk
           JOIN candidate ON candidate.i = walk.i + 1
           JOIN steps s ON s.workspace_id = ?1 AND s.execution_id = ?2 AND s.node_id = candidate.node_id
         ),
         skipped (node_id) AS MATERIALIZED (SELECT value FROM json_each((SELECT skipped FROM walk ORDER BY i DESC LIMIT 1))),
         effect (node_id, is_skipped, settled) AS MATERIALIZED (
           SELECT node_id, node_id IN (SELECT node_id FROM skipped),
             (SELECT count(*) FROM json_each(sources) source WHERE source.value IN (SELECT node_id FROM skipped))
           FROM candidate
         )
       UPDATE steps SET waiting = waiting - effect.settled,
         status = CASE
           WHEN effect.is_skipped THEN 'skipped'
           WHEN waiting = effect.settled AND taken > 0 THEN 'ready'
           ELSE status END,
         completed_at = CASE WHEN effect.is_skipped THEN ?4 ELSE completed_at END
       FROM effect
       WHERE steps.workspace_id = ?1 AND steps.execution_id = ?2 AND steps.node_id = effect.node_id
         AND steps.status = 'pending' AND (effect.is_skipped OR effect.settled > 0)
       RETURNING node_id, status`,
    )
    .bind(key.workspaceId, key.executionId, JSON.stringify(candidates), now);
}
