import { randomBytes } from "node:crypto";
import { setupTokenSchema } from "../../src/env.ts";
import type { Deployed } from "./worker.ts";
import { StepFailed } from "./wrangler.ts";

const TOKEN_BYTES = 32;

/** What whoever makes the first account has to bring, and whether a person chose it. */
export interface SetupToken {
  token: string;
  given: boolean;
}

/** The environment's SETUP_TOKEN, or a new one: nobody can read back what an earlier deployment has set. */
export function newSetupToken(): SetupToken {
  const { data, error } = setupTokenSchema.safeParse(process.env.SETUP_TOKEN);
  if (error) {
    throw new StepFailed(
      `SETUP_TOKEN of the environment cannot be used: it ${error.issues[0]?.message}.`,
      "Change it, or leave it out.",
    );
  }
  return data === undefined
    ? { token: randomBytes(TOKEN_BYTES).toString("base64url"), given: false }
    : { token: data, given: true };
}

/** Where the first account is made, once there is a Worker for it; nothing when somebody owns the installation. */
export function firstAccountAdvice({ setup, url, pagesUrl, output, owned }: Deployed): string | undefined {
  if (setup === undefined || output === "" || owned === true) return undefined;
  const base = (process.env.PUBLIC_URL?.trim() || url || pagesUrl || "(the address of its routes)").replace(/\/+$/, "");
  // What a person chose is that person's secret, and a log of deployments no place for it.
  const token = setup.given ? "(your SETUP_TOKEN)" : setup.token;
  return [
    "Nobody owns the installation yet. Whoever makes the first account does, and it can be made at this address only:",
    "",
    `  ${base}/sign-up#setup=${token}`,
    "",
    setup.given
      ? "Open it now. It is good until then."
      : "Open it now, and show it to nobody. It is good until then, or until the next deployment prints another.",
  ].join("\n");
}
