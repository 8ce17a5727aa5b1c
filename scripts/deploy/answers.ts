import { z } from "zod";
import type { Step } from "./step.ts";
import type { Deployed } from "./worker.ts";
import { StepFailed } from "./wrangler.ts";

/** A new address takes a moment to be known everywhere, and its certificate a little longer. */
const TRIES = 24;
const PAUSE_MS = 5_000;
const PATIENCE_MS = 10_000;

const healthSchema = z.looseObject({
  status: z.literal("ok"),
  unclaimed: z.boolean().optional(),
  setupTokenNeeded: z.boolean().optional(),
});
type Health = z.infer<typeof healthSchema>;

/** Asks the Worker and, through the dashboard's service binding, Pages whether they answer, and the database. */
export function answersStep(deployed: Deployed, environment: string): Step {
  return {
    title: "Health",
    commands: ["GET /api/health (of the Worker, or of PUBLIC_URL where it has no workers.dev address, and of Pages)"],
    run: async () => {
      const own = deployed.url ?? (process.env.PUBLIC_URL?.trim() || undefined);
      if (own !== undefined) {
        const { unclaimed, setupTokenNeeded } = await askUntilWell(
          own,
          `See the Worker's log with \`npx wrangler tail --env ${environment}\` while you open that address. \`npx wrangler rollback --env ${environment}\` goes back to the version before.`,
        );
        deployed.owned = unclaimed === false && setupTokenNeeded !== true;
      }
      if (deployed.pagesUrl !== undefined) {
        await askUntilWell(
          deployed.pagesUrl,
          "Look at dash.cloudflare.com, the Pages project, Settings, Bindings: API has to name the Worker. An access policy in front of Pages keeps this from asking, and does no harm otherwise.",
        );
      }
      const asked = [own, deployed.pagesUrl].filter((address) => address !== undefined);
      return asked.length === 0 ? "not asked: no address is known" : `answers at ${asked.join(" and ")}`;
    },
  };
}

async function askUntilWell(url: string, advice: string): Promise<Health> {
  const address = `${url.replace(/\/+$/, "")}/api/health`;
  let last = "";
  for (let left = TRIES; left > 0; left -= 1) {
    const answer = await ask(address);
    if (typeof answer !== "string") return answer;
    last = answer;
    if (left > 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new StepFailed(`${address} does not answer as it should: ${last}`, advice);
}

/** What an address answers when it is well, or what is wrong with that. */
async function ask(address: string): Promise<Health | string> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await response.text();
    if (!response.ok) return `${response.status} ${text.slice(0, 200)}`;
    return healthSchema.safeParse(JSON.parse(text)).data ?? text.slice(0, 200);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
