import { z } from "zod";
import { type Step, shown } from "./step.ts";
import { jsonOf, run, StepFailed, wranglerFailed } from "./wrangler.ts";

const NOBODY = /"loggedIn":\s*false/;

const accountsSchema = z.looseObject({ accounts: z.array(z.looseObject({ id: z.string(), name: z.string() })) });

/**
 * Whether somebody is logged in, and to which account everything goes. From here on that is said to wrangler, which
 * otherwise goes on with the account that it used last, whoever is logged in now.
 */
export function accountStep(): Step {
  const who = ["whoami", "--json"];
  return {
    title: "Login",
    commands: [shown("wrangler", who)],
    run: async () => {
      const chosen = process.env.CLOUDFLARE_ACCOUNT_ID?.trim() || undefined;
      const asked = await run("wrangler", who);
      // A token may be allowed to use an account and not to list any, which wrangler takes for a fault.
      const unlisted = chosen !== undefined && asked.code !== 0 && !NOBODY.test(asked.output);
      if (asked.code !== 0 && !unlisted) throw wranglerFailed(who, asked);
      const accounts = unlisted ? [] : accountsSchema.parse(jsonOf(who, asked)).accounts;
      const account = chosen === undefined ? accounts[0] : accounts.find(({ id }) => id === chosen);
      if (account !== undefined && (chosen !== undefined || accounts.length === 1)) {
        process.env.CLOUDFLARE_ACCOUNT_ID = account.id;
        return `account ${account.name}`;
      }
      if (chosen !== undefined && accounts.length === 0) return `account ${chosen}`;
      throw new StepFailed(
        chosen === undefined ? "It is not clear which account this goes to." : `There is no account ${chosen} here.`,
        `Set CLOUDFLARE_ACCOUNT_ID to one of: ${accounts.map(({ id, name }) => `${id} (${name})`).join(", ") || "none"}`,
      );
    },
  };
}
