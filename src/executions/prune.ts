import { z } from "zod";
import { pruneKeys } from "../db/idempotency.ts";
import type { Engine } from "./engine.ts";

const PAGE = 500;
const orphanSchema = z.object({ output_key: z.string() });

/** Removes what nobody needs any more: idempotency keys after a day, and objects whose step is gone. */
export async function prune(engine: Engine): Promise<void> {
  const { d1 } = engine.db;
  const [, orphans] = await d1.batch([
    pruneKeys(d1, engine.clock.now(), PAGE),
    d1.prepare("SELECT output_key FROM orphaned_outputs LIMIT ?1").bind(PAGE),
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
