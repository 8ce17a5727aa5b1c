import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CRON } from "./cron-stories.ts";
import { MONEY } from "./money-stories.ts";
import type { Story } from "./scenario.ts";
import { openSweep, plansFor, seedOf, tell } from "./sweep.ts";
import { TRANSFER } from "./transfer-stories.ts";
import { TRIGGERS } from "./trigger-stories.ts";
import type { Teller } from "./world.ts";

const MINUTE = 60_000;
/** A sample is part of every run of the suite, and must not hold it up for hours where it hangs. */
const TIMEOUT_MS = env.SWEEP === "sample" ? 5 * MINUTE : 120 * MINUTE;
/** Of all files: which of them holds the story that a seed names is for none of them to know. */
const IDS = [...CRON, ...MONEY, ...TRANSFER, ...TRIGGERS].map(({ id }) => id);
/** The story that a seed names, `null` when many faults are to be tried. */
const NAMED = env.SWEEP === "all" || env.SWEEP === "sample" ? null : (env.SWEEP.split("/")[0] ?? "");

/** Tells each story once without a fault, and then with every fault that is to be tried. */
export function sweepOver(stories: readonly Story[]): void {
  if (NAMED !== null && !IDS.includes(NAMED)) {
    throw new Error(`SWEEP=${env.SWEEP} names no story. Name "all", "sample" or a fault of one of ${IDS.join(", ")}.`);
  }
  let teller: Teller;
  let tried = 0;
  beforeAll(async () => {
    teller = await openSweep();
  });
  afterAll(() => {
    // biome-ignore lint/suspicious/noConsole: how much was tried is told where the tests are
    console.log(`${tried} faults were tried`);
  });

  describe.each(stories.map((story) => ({ name: story.name, story })))("$name", ({ story }) => {
    test("survives a fault at each call of a binding", { timeout: TIMEOUT_MS }, async () => {
      // The first one fills what an isolate remembers, so that the others make the same calls.
      await tell(story, teller, null);
      const quiet = await tell(story, teller, null);
      expect(quiet.faults).toEqual([]);
      expect(quiet.calls.length).toBeGreaterThan(0);
      const found: string[] = [];
      const plans = plansFor(story, quiet.calls);
      if (NAMED === story.id && plans.length === 0) {
        found.push(`SWEEP=${env.SWEEP} struck nothing: the story makes ${quiet.calls.length} calls`);
      }
      for (const plan of plans) {
        const { calls, faults, struck } = await tell(story, teller, plan);
        if (struck) tried += 1;
        else found.push(`SWEEP=${seedOf(story, plan)} struck nothing: ${calls.length} calls were made`);
        found.push(...faults.map((fault) => `SWEEP=${seedOf(story, plan)} (${calls[plan.call - 1]}): ${fault}`));
      }
      expect(found.join("\n")).toBe("");
    });
  });
}
