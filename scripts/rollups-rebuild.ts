import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { foldRollups, rebuildRollups } from "../src/costs/index.ts";
import type { Db } from "../src/db/client.ts";
import { withLocalDatabase } from "./local/database.ts";

/**
 * Makes the sums that analytics reads anew from the ledger, in a state folder that no instance runs on:
 * `npm run rollups:rebuild -- [--from 2026-01-01] [--to 2026-02-01] [--workspace ID]`. Days are UTC, `--to` is not included;
 * without any of these it is everything.
 */
const USAGE = "npm run rollups:rebuild -- [--from 2026-01-01] [--to 2026-02-01] [--workspace ID]";

const workspaceSchema = z.object({ workspace_id: z.string() });

try {
  const { values } = parseArgs({
    options: { from: { type: "string" }, to: { type: "string" }, workspace: { type: "string" } },
  });
  const range = { from: dayOf(values.from, 0), to: dayOf(values.to, Number.MAX_SAFE_INTEGER) };
  const stateDir = resolve(process.env.SWARM_STATE ?? ".swarm");
  if (!existsSync(stateDir)) {
    throw new Error(`There is no ${stateDir}. Set SWARM_STATE to the folder that the instance keeps its data in.`);
  }
  await withLocalDatabase(stateDir, async (db) => {
    const workspaces = values.workspace === undefined ? await workspacesOf(db) : [values.workspace];
    for (const workspaceId of workspaces) {
      const { days } = await rebuildRollups(db, workspaceId, range);
      console.log(`${workspaceId}: ${days} days`);
    }
    await foldRollups(db, Date.now());
  });
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function workspacesOf(db: Db): Promise<string[]> {
  const { results } = await db.d1
    .prepare("SELECT DISTINCT workspace_id FROM execution_costs UNION SELECT DISTINCT workspace_id FROM cost_rollups")
    .run();
  return z
    .array(workspaceSchema)
    .parse(results)
    .map((row) => row.workspace_id);
}

function dayOf(given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (!z.iso.date().safeParse(given).success) throw new Error(`${given} is not a day such as 2026-01-31.\n${USAGE}`);
  return Date.parse(given);
}
