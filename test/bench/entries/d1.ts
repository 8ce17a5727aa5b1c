import { signUp } from "../../support/account.ts";
import { createWorkflow, ended, execute } from "../../support/workflows.ts";
import { type Figure, type Figures, median, pause, repeat } from "../figure.ts";
import { type MeteredInstance, startMeteredInstance, type Usage } from "../metered-instance.ts";

const CHAIN = ["a>b", "b>c"];
const STEPS = 3;
const ROUNDS = 3;
/** Enough that pages which are not full do not show. */
const GROWING = 400;
const AT_ONCE = 10;

/** What one execution asked of D1, by where it went. */
interface Cost {
  /** The request: who asks, what to run, and the batch that writes the execution with its steps. */
  start: Usage;
  /** The message: taking the first step. */
  claim: Usage;
  /** Each end of a step, with the claim of the next. */
  steps: Usage[];
}

/** What an execution of three steps in a row asks of D1, in trips and in rows written (those of indexes included). */
export async function d1(): Promise<Figures> {
  const swarm = await startMeteredInstance();
  try {
    const person = await signUp(swarm.url);
    const workflowId = await createWorkflow(person, CHAIN);
    const measure = async () => {
      await swarm.invocations();
      const executionId = await execute(person, workflowId);
      await pause(500);
      await ended(person, executionId);
      return costOf(swarm);
    };
    // The first one commits the draft and fills the cache of definitions.
    await measure();
    const costs = await repeat(ROUNDS, measure);
    const bytes = await bytesEach(swarm, async () => {
      await ended(person, await execute(person, workflowId));
    });
    const limit = { period: "month", limitUsd: "1000", action: "block" };
    const { status } = await person.request("POST", "/api/budgets", limit);
    if (status !== 201) throw new Error(`Making a budget answered ${status}.`);
    const guarded = await repeat(ROUNDS, measure);
    return {
      ...figures("d1.round_trips", "trips", costs, (usage) => usage.roundTrips, "<= 8"),
      ...figures("d1.rows_written", "rows", costs, (usage) => usage.rowsWritten, "<= 45"),
      ...figures("d1.queries", "statements", costs, (usage) => usage.queries),
      "d1.bytes_per_execution": { value: bytes, unit: "bytes, indexes and log lines included" },
      // One trip more a call: it is reserved before it is sent.
      "d1.round_trips_with_budget": total(guarded, "trips", (usage) => usage.roundTrips, `<= ${8 + STEPS}`),
      "d1.rows_written_with_budget": total(guarded, "rows", (usage) => usage.rowsWritten),
    };
  } finally {
    await swarm.stop();
  }
}

/** How much the database grows by each execution, whose outputs and input are a few bytes. */
async function bytesEach(swarm: MeteredInstance, once: () => Promise<void>): Promise<number> {
  const before = await swarm.databaseBytes();
  for (let rest = GROWING; rest > 0; rest -= AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, once));
  return Math.round(((await swarm.databaseBytes()) - before) / GROWING);
}

async function costOf(swarm: MeteredInstance): Promise<Cost> {
  const invocations = await swarm.invocations();
  const start = invocations.find(({ path }) => path?.endsWith("/execute"));
  const runs = invocations.filter(({ kind }) => kind === "queue");
  const [run] = runs;
  if (!start || !run || runs.length > 1 || run.atCalls.length !== STEPS) {
    throw new Error(
      `A chain of ${STEPS} was to be one request and one message, and was: ${JSON.stringify(invocations)}`,
    );
  }
  const [claim, ...later] = [...run.atCalls, run.total];
  if (!claim) throw new Error("The message was not counted.");
  return { start: start.total, claim, steps: later.map((usage, index) => difference(usage, run.atCalls[index])) };
}

function difference(usage: Usage, before: Usage | undefined): Usage {
  if (!before) return usage;
  return {
    roundTrips: usage.roundTrips - before.roundTrips,
    queries: usage.queries - before.queries,
    rowsRead: usage.rowsRead - before.rowsRead,
    rowsWritten: usage.rowsWritten - before.rowsWritten,
  };
}

function total(costs: readonly Cost[], unit: string, of: (usage: Usage) => number, aim?: string): Figure {
  const sums = costs.map(({ start, claim, steps }) =>
    [start, claim, ...steps].reduce((sum, usage) => sum + of(usage), 0),
  );
  return { value: median(sums), unit, ...(aim ? { aim } : {}) };
}

function figures(
  name: string,
  unit: string,
  costs: readonly Cost[],
  of: (usage: Usage) => number,
  aim?: string,
): Figures {
  const sum = (usages: readonly Usage[]) => usages.reduce((total, usage) => total + of(usage), 0);
  const figure = (part: (cost: Cost) => number) => ({ value: median(costs.map(part)), unit });
  return {
    [name]: { ...figure(({ start, claim, steps }) => sum([start, claim, ...steps])), ...(aim ? { aim } : {}) },
    [`${name}.start`]: figure(({ start }) => of(start)),
    [`${name}.claim`]: figure(({ claim }) => of(claim)),
    [`${name}.step`]: figure(({ steps }) => median(steps.map(of))),
    [`${name}.last_step`]: figure(({ steps }) => sum(steps.slice(-1))),
  };
}
