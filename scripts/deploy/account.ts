import { z } from "zod";
import { type Step, shown } from "./step.ts";
import { jsonOf, StepFailed, wrangler } from "./wrangler.ts";

const accountsSchema = z.looseObject({ accounts: z.array(z.looseObject({ id: z.string(), name: z.string() })) });

/** Whether somebody is logged in, and to which account everything goes. */
export function accountStep(): Step {
  const who = ["whoami", "--json"];
  return {
    title: "Login",
    commands: [shown("wrangler", who)],
    run: async () => {
      const { accounts } = accountsSchema.parse(jsonOf(who, await wrangler(who)));
      const chosen = process.env.CLOUDFLARE_ACCOUNT_ID;
      const account = chosen === undefined ? accounts[0] : accounts.find(({ id }) => id === chosen);
      if (account !== undefined && (chosen !== undefined || accounts.length === 1)) return `account ${account.name}`;
      // A token may be allowed to use an account and not to list it.
      if (chosen !== undefined && accounts.length === 0) return `account ${chosen}`;
      throw new StepFailed(
        chosen === undefined ? "It is not clear which account this goes to." : `There is no account ${chosen} here.`,
        `Set CLOUDFLARE_ACCOUNT_ID to one of: ${accounts.map(({ id, name }) => `${id} (${name})`).join(", ") || "none"}`,
      );
    },
  };
}
