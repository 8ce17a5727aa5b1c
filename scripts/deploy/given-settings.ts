import { parseSettings, UnusableSettings } from "../../src/env.ts";
import { GIVEN } from "./secrets.ts";
import { VARS } from "./worker.ts";
import { StepFailed } from "./wrangler.ts";

/** Made or kept by the deployment, and of no interest here. */
const SECRETS = { AUTH_SECRET: "-".repeat(32), ENCRYPTION_KEY: "-".repeat(32) };

/** Refuses what the environment gives for the Worker and the Worker cannot use: deployed, it would answer 500 to everybody. */
export function refuseUnusableSettings(): void {
  const given = [...VARS, ...GIVEN].map((name) => [name, process.env[name]?.trim() || undefined]);
  try {
    parseSettings({ ...Object.fromEntries(given), ...SECRETS });
  } catch (error) {
    if (!(error instanceof UnusableSettings)) throw error;
    throw new StepFailed(
      `Settings of the environment cannot be used:\n${error.message}`,
      "Change them, or leave them out: what is left out stays as it was deployed.",
    );
  }
}
