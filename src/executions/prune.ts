import { z } from "zod";
import { pruneKeys } from "../db/idempotency.ts";
import type { Engine } from "./engine.ts";
import { ORPHAN_AGE_MS } from "./limits.ts";

const PAGE = 500;
const orphanSchema = z.object({ output_key: z.string() });

const IS_NAMED = "EXISTS (SELECT 1 FROM steps WHERE steps.output_key = orphaned_outputs.output_key)";

/**
 * Removes what nobody needs any more: idempotency keys after a day, and objects in R2 that no step names. An object is
 * written before its step names it, so that only keys older than a day are looked at, and each of them once.
 */
export async function prune(engine: Engine): Promise<void> {
  const { d1 } = engine.db;
  const now = engine.clock.now();
  const settledBefore = now - ORPHAN_AGE_MS;
  const [, , orphans] = await d1.batch([
    pruneKeys(d1, now, PAGE),
    d1
      .prepare(
        `DELETE FROM orphaned_outputs WHERE output_key IN
           (SELECT output_key FROM orphaned_outputs WHERE created_at <= ?1 ORDER BY created_at LIMIT ?2) AND ${IS_NAMED}`,
      )
      .bind(settledBefore, PAGE),
    d1
      .prepare(
        `SELECT output_key FROM orphaned_outputs WHERE created_at <= ?1 AND NOT ${IS_NAMED} ORDER BY created_at LIMIT ?2`,
      )
      .bind(settledBefore, PAGE),
  ]);
  const keys = z
    .array(orphanSchema)
    .parse(orphans?.results ?? [])
    .map((row) => row.output_key);
  if (keys.length === 0) return;
  // The object first: a row that outlives it is harmless, an object without a row would stay for ever.
  await engine.outputs.delete(keys);
  await d1
    .prepare("DELETE FROM orphaned_outputs WHERE output_key IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(keys))
    .run();
}
