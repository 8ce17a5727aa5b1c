import { z } from "zod";
import { type Account, signUp } from "../../support/account.ts";
import { compared, type Figures, repeat } from "../figure.ts";
import { type MeteredInstance, startMeteredInstance } from "../metered-instance.ts";

const FEW = 10_000;
const MANY = 1_000_000;
const AT_ONCE = 50_000;
const ROUNDS = 5;

const JUNE = "startDate=2025-06-01&endDate=2025-06-30";
const QUERIES = {
  costs: `costs?${JUNE}`,
  costs_in_berlin: `costs?${JUNE}&timezone=Europe/Berlin`,
  usage: `usage?${JUNE}`,
  trends_by_day: `trends?${JUNE}&interval=day`,
  trends_by_hour: `trends?${JUNE}&interval=hour&timezone=Asia/Kathmandu`,
  expensive_workflows: `expensive-workflows?${JUNE}`,
};

const JANUARY_FIRST = Date.UTC(2025, 0, 1);
const JUNE_FIRST = Date.UTC(2025, 5, 1);

/**
 * Calls number ?2 to ?3 of a year: one in each quarter of an hour of June, then one on each other day, round and round
 * for three workflows in turn. From 9,645 calls on there is no new time or workflow, only more calls.
 */
const FILL = `WITH RECURSIVE n(i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?3),
  slots AS (SELECT i, i % 3215 AS slot, i / 3215 % 3 AS turn FROM n)
  INSERT INTO execution_costs SELECT ?1, ?1 || i, 'a', 1, 1, 'w' || turn, 'v', 'g', 'writer', 'openai', 'm' || turn, 'm' || turn,
    1000, 0, 0, 0, 100, 0, i, NULL,
    iif(slot < 2880, ${JUNE_FIRST} + slot * 900000,
      ${JANUARY_FIRST} + (slot - 2880 + iif(slot - 2880 < 151, 0, 30)) * 86400000 + 43200000) + i % 900000, 0
  FROM slots`;

const meSchema = z.object({ workspace: z.object({ id: z.string() }) });

/**
 * How many rows each analytics query reads for one month, of a year with a million calls. The control is the same year
 * with ten thousand: a ratio of 1 says that answers do not slow down as the ledger grows.
 */
export async function analytics(): Promise<Figures> {
  const swarm = await startMeteredInstance();
  try {
    const many = await ledgerOf(swarm, MANY);
    const few = await ledgerOf(swarm, FEW);
    await swarm.scheduled(new Date());
    const figures: Figures = {};
    for (const [name, query] of Object.entries(QUERIES)) {
      const value = await rowsRead(swarm, many, query);
      const control = await rowsRead(swarm, few, query);
      figures[`analytics.${name}.rows_read`] = { value, unit: "rows", control, ratio: value / control, aim: "ratio 1" };
    }
    const timed = async () => ({ value: await msOf(many, QUERIES.costs), control: await msOf(few, QUERIES.costs) });
    figures["analytics.costs_ms"] = compared(await repeat(ROUNDS, timed), "ms");
    return figures;
  } finally {
    await swarm.stop();
  }
}

/** Somebody new whose workspace has made so many calls. */
async function ledgerOf(swarm: MeteredInstance, calls: number): Promise<Account> {
  const person = await signUp(swarm.url);
  const { workspace } = meSchema.parse((await person.request("GET", "/api/me")).body);
  for (let from = 0; from < calls; from += AT_ONCE) {
    await swarm.query(FILL, workspace.id, from, Math.min(from + AT_ONCE, calls));
  }
  return person;
}

async function rowsRead(swarm: MeteredInstance, person: Account, query: string): Promise<number> {
  await swarm.invocations();
  await ask(person, query);
  const asked = (await swarm.invocations()).find(({ path }) => path?.startsWith("/api/analytics/"));
  if (!asked) throw new Error(`The query ${query} was not counted.`);
  return asked.total.rowsRead;
}

async function msOf(person: Account, query: string): Promise<number> {
  const beganAt = performance.now();
  await ask(person, query);
  return performance.now() - beganAt;
}

async function ask(person: Account, query: string): Promise<void> {
  const { status, body } = await person.request("GET", `/api/analytics/${query}`);
  if (status !== 200) throw new Error(`${query} answered ${status}: ${JSON.stringify(body)}`);
}
