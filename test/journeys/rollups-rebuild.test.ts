import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { withLocalDatabase } from "../../scripts/local/database.ts";
import { tryLock } from "../../scripts/local/file-lock.ts";
import { spawnScript } from "../support/start-process.ts";

const rowsSchema = z.array(z.record(z.string(), z.unknown()));

let state: string;
beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "swarm-rebuild-"));
  await withLocalDatabase(state, async ({ d1 }) => {
    await d1
      .prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
         INSERT INTO execution_costs SELECT 'ws' || (i % 2), 'e' || i, 'a', 1, 1, 'w', 'v', 'g', 'r', 'openai', 'm', 'm', 1, 0, 0, 0, 1, 0,
           i, NULL, ?1 + i * 7200000, 0 FROM n`,
      )
      .bind(Date.parse("2026-01-01T00:00:00Z"))
      .run();
    await d1.prepare("UPDATE cost_rollups SET cost_nano_usd = 0, calls = 7").run();
  });
});
afterAll(() => rmSync(state, { recursive: true, force: true }));

const sums = () =>
  withLocalDatabase(state, async ({ d1 }) => {
    const { results } = await d1
      .prepare(
        `SELECT workspace_id, level, sum(calls) AS calls, sum(cost_nano_usd) AS cost FROM cost_rollups GROUP BY 1, 2
         UNION ALL SELECT workspace_id, 'ledger', count(*), sum(cost_nano_usd) FROM execution_costs GROUP BY 1 ORDER BY 1, 2`,
      )
      .run();
    return rowsSchema.parse(results).map((row) => Object.values(row).join(" "));
  });

test("the command brings the sums of every workspace back to what the ledger says", async () => {
  const command = spawnScript("rollups-rebuild.ts", { SWARM_STATE: state });
  expect(await command.exited, command.output()).toBe(0);
  expect(command.output()).toMatch(/ws0: 17 days\nws1: 17 days/);
  expect(await sums()).toEqual(
    ["ws0", "ws1"].flatMap((workspace) =>
      ["day", "ledger", "month", "quarter"].map(
        (level) => `${workspace} ${level} 100 ${workspace === "ws0" ? 10_100 : 10_000}`,
      ),
    ),
  );
});

test("the command leaves a folder alone that an instance runs on, and says what to do", async () => {
  const lock = tryLock(join(state, "instance.lock"));
  try {
    const command = spawnScript("rollups-rebuild.ts", { SWARM_STATE: state });
    expect(await command.exited).toBe(1);
    expect(command.output()).toContain("End it first");
  } finally {
    lock?.release();
  }
});
