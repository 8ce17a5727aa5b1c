import { z } from "zod";
import { type Account, signUp } from "../../support/account.ts";
import { graphOf } from "../../support/workflows.ts";
import { compared, type Figures, repeat } from "../figure.ts";
import { type MeteredInstance, startMeteredInstance } from "../metered-instance.ts";
import { until } from "../until.ts";

const FEW = 20;
const MANY = 200;
const ROUNDS = 3;
const EDGES = ["a>b", "b>c", "c>d"];

const queuedSchema = z.object({ importId: z.string() });
const stateSchema = z.object({ status: z.string(), done: z.number() });

let made = 0;

/**
 * What importing workflows of four agents costs, within a request (20) and by the queue (200). The control is creating
 * as many by POST, one after the other: that leaves them without a version, which an import makes.
 */
export async function importing(): Promise<Figures> {
  const swarm = await startMeteredInstance();
  try {
    const person = await signUp(swarm.url);
    const timed = async () => ({ value: await msToImport(person, MANY), control: await msToCreate(person, MANY) });
    const pairs = await repeat(ROUNDS, timed);
    return {
      "import.request_rows_written": {
        ...(await rowsWritten(swarm, person)),
        unit: `rows of ${FEW} workflows`,
        aim: "ratio below 4",
      },
      "import.queued_ms": { ...compared(pairs, `ms for ${MANY} workflows`), aim: "ratio below 2" },
    };
  } finally {
    await swarm.stop();
  }
}

/** Bundles as an export writes them, each under a name of its own. */
function bundles(count: number): unknown[] {
  return Array.from({ length: count }, () => {
    made += 1;
    const { agents, ...graph } = graphOf(EDGES);
    return { version: "1.0", workflow: { name: `Measured ${made}`, ...graph }, agents };
  });
}

async function rowsWritten(swarm: MeteredInstance, person: Account) {
  await swarm.invocations();
  await asked(person, "POST", "/api/workflows/import", bundles(FEW));
  const imported = (await swarm.invocations()).find(({ path }) => path === "/api/workflows/import");
  await createAll(person, FEW);
  const created = (await swarm.invocations()).filter(({ path }) => path === "/api/workflows");
  if (!imported || created.length !== FEW) throw new Error("The requests were not counted.");
  const value = imported.total.rowsWritten;
  const control = created.reduce((sum, { total }) => sum + total.rowsWritten, 0);
  return { value, control, ratio: value / control };
}

async function msToImport(person: Account, count: number): Promise<number> {
  const list = bundles(count);
  const beganAt = performance.now();
  const { importId } = queuedSchema.parse(await asked(person, "POST", "/api/workflows/import", list));
  return until("The end of the import", async () => {
    const { status, done } = stateSchema.parse(await asked(person, "GET", `/api/imports/${importId}`));
    if (status === "succeeded" && done === count) return performance.now() - beganAt;
    if (status === "failed") throw new Error("The import failed.");
    return undefined;
  });
}

async function msToCreate(person: Account, count: number): Promise<number> {
  const beganAt = performance.now();
  await createAll(person, count);
  return performance.now() - beganAt;
}

async function createAll(person: Account, count: number): Promise<void> {
  for (let time = 0; time < count; time += 1) {
    made += 1;
    await asked(person, "POST", "/api/workflows", { name: `Measured ${made}`, ...graphOf(EDGES) });
  }
}

async function asked(person: Account, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await person.request(method, path, body);
  if (answer.status >= 400)
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
