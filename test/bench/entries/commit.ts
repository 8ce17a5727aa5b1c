import { z } from "zod";
import { startTestInstance, type TestInstance } from "../../support/instance.ts";
import { createWorkflow, graphOf } from "../../support/workflows.ts";
import type { Figures } from "../figure.ts";

const NODES = 50;
const COMMITS = 20;

const stored = z.array(z.object({ bytes: z.number(), versions: z.number() })).length(1);

/**
 * How much the database grows by commits of a draft that did not change, counted in D1. The control is what as many
 * copies of the definition would take.
 */
export async function commit(): Promise<Figures> {
  const swarm = await startTestInstance();
  try {
    const person = await swarm.signUp();
    const edges = Array.from({ length: NODES - 1 }, (_, index) => `n${index}>n${index + 1}`);
    const path = `/api/workflows/${await createWorkflow(person, edges)}/versions`;
    const commitOnce = async (expected: number) => {
      const { status } = await person.request("POST", path, { commitMessage: "Measured" });
      if (status !== expected) throw new Error(`A commit answered ${status} and not ${expected}.`);
    };
    await commitOnce(201);
    const before = await storedNow(swarm);
    for (let time = 0; time < COMMITS; time += 1) await commitOnce(200);
    const after = await storedNow(swarm);
    if (after.versions !== before.versions) throw new Error("Commits without a change made versions.");

    const control = COMMITS * Buffer.byteLength(JSON.stringify(graphOf(edges)));
    const value = after.bytes - before.bytes;
    return {
      "commit.unchanged_bytes": {
        value,
        unit: `bytes by ${COMMITS} commits`,
        control,
        ratio: value / control,
        aim: "0",
      },
    };
  } finally {
    await swarm.stop();
  }
}

async function storedNow(swarm: TestInstance) {
  const rows = await swarm.query(
    `SELECT coalesce(sum(length(CAST(content AS BLOB))), 0) AS bytes, (SELECT count(*) FROM versions) AS versions
     FROM snapshots`,
  );
  const [row] = stored.parse(rows);
  if (!row) throw new Error("The database answered nothing.");
  return row;
}
