import { z } from "zod";
import type { Step } from "./step.ts";
import type { Deployed } from "./worker.ts";
import { StepFailed } from "./wrangler.ts";

/** A new address takes a moment to be known everywhere, and its certificate a little longer. */
const TRIES = 24;
const PAUSE_MS = 5_000;
const PATIENCE_MS = 10_000;

const healthSchema = z.looseObject({ status: z.literal("ok") });

/** Asks what was deployed whether it answers, and its database. */
export function answersStep(deployed: Deployed, environment: string): Step {
  return {
    title: "Health",
    commands: ["GET /api/health"],
    run: async () => {
      const { url } = deployed;
      if (url === undefined) return "not asked: the Worker has no workers.dev address";
      let last = "";
      for (let left = TRIES; left > 0; left -= 1) {
        last = await fault(`${url}/api/health`);
        if (last === "") return "answers";
        if (left > 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
      throw new StepFailed(
        `${url}/api/health does not answer as it should: ${last}`,
        `See the Worker's log with \`npx wrangler tail --env ${environment}\` while you open that address. \`npx wrangler rollback --env ${environment}\` goes back to the version before.`,
      );
    },
  };
}

/** What is wrong with an answer, or nothing. */
async function fault(address: string): Promise<string> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await response.text();
    if (!response.ok) return `${response.status} ${text.slice(0, 200)}`;
    return healthSchema.safeParse(JSON.parse(text)).success ? "" : text.slice(0, 200);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
