import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { apiKey, signUp } from "../worker/accounts.ts";
import { ledgerRows, unlessPaidOnce } from "./executions.ts";
import { MODES, type Plan } from "./faults.ts";
import { violations } from "./invariants.ts";
import { openOutside } from "./outside.ts";
import type { Story } from "./scenario.ts";
import { type Teller, World, wipe } from "./world.ts";

/** Signs somebody up whose clock stands at a moment from which on time only passes. */
export async function openSweep(): Promise<Teller> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2027-03-01T10:00:30Z") });
  const account = await signUp();
  const { key } = await apiKey(account);
  return { account, headers: { Authorization: `Bearer ${key}` } };
}

/** Tells a story with one fault, or none, and answers the calls of bindings that it made and what was wrong at its end. */
export async function tell(story: Story, teller: Teller, plan: Plan | null) {
  const outside = openOutside();
  for (const level of ["debug", "info", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation(() => undefined);
  }
  const world = new World(teller, outside, plan);
  const faults: string[] = [];
  try {
    // What an isolate remembers of a key and its breaker must not be the run's before.
    await world.insist("PUT", "/api/credentials/openai", { apiKey: "sk-of-this-run" });
    const { happens, faultsIn } = await story.begin(world);
    outside.calls.length = 0;
    const paid = await ledgerRows();
    world.faults.armed = true;
    await happens();
    await world.settle();
    const died = plan?.mode.startsWith("dies") === true;
    faults.push(...(await faultsIn()), ...(await violations(plan?.mode ?? null)));
    faults.push(...(await unlessPaidOnce({ calls: outside.calls.length, steps: story.executes, paid, died })));
  } catch (error) {
    faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    vi.restoreAllMocks();
    await wipe();
  }
  const { calls, struck } = world.faults;
  return { calls, struck, faults };
}

/** One run, as text: it is called up again with `SWEEP=webhook/12/fails npm run test:sweep`. */
export function seedOf({ id }: Story, { call, mode }: Plan): string {
  return `${id}/${call}/${mode.replace(" ", "-")}`;
}

/**
 * The faults to try at these calls: all of them when `SWEEP` is `all`, the one that it names, or else a sample that
 * strikes the first call of each kind once and takes the modes in turn, each story beginning with another.
 */
export function plansFor(story: Story, calls: readonly string[]): Plan[] {
  const every = calls.flatMap((_, place) => MODES.map((mode) => ({ call: place + 1, mode })));
  if (env.SWEEP === "all") return every;
  if (env.SWEEP !== "sample") return every.filter((plan) => seedOf(story, plan) === env.SWEEP);
  return [...new Set(calls)].flatMap((label, place) => {
    const mode = MODES[(place + story.id.length) % MODES.length];
    return mode === undefined ? [] : [{ call: calls.indexOf(label) + 1, mode }];
  });
}
