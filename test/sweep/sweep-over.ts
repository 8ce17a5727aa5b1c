import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Story } from "./scenario.ts";
import { openSweep, plansFor, seedOf, tell } from "./sweep.ts";
import type { Teller } from "./world.ts";

const HOUR = 3_600_000;

/** Tells each story once without a fault, and then with every fault that is to be tried. */
export function sweepOver(stories: readonly Story[]): void {
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
    test("survives a fault at each call of a binding", { timeout: 2 * HOUR }, async () => {
      // The first one fills what an isolate remembers, so that the others make the same calls.
      await tell(story, teller, null);
      const quiet = await tell(story, teller, null);
      expect(quiet.faults).toEqual([]);
      expect(quiet.calls.length).toBeGreaterThan(0);
      const found: string[] = [];
      for (const plan of plansFor(story, quiet.calls)) {
        const { calls, faults, struck } = await tell(story, teller, plan);
        if (struck) tried += 1;
        found.push(...faults.map((fault) => `SWEEP=${seedOf(story, plan)} (${calls[plan.call - 1]}): ${fault}`));
      }
      expect(found.join("\n")).toBe("");
    });
  });
}
