/** What wrangler says of a fault, what helps, and the commands that it is said of, where others say it of something else. */
const ADVICE: readonly [said: RegExp, advice: string, commands?: RegExp][] = [
  [
    /not authenticated|not logged in|no credentials were found|"loggedIn":\s*false|CLOUDFLARE_API_TOKEN|code: 10000\b/i,
    "Log in with `npx wrangler login`, or set CLOUDFLARE_API_TOKEN to a token that may edit Workers, D1, Queues, R2 and Pages.",
  ],
  [
    /More than one account|account_id|retrieve account IDs|\/memberships\) failed|code: 7403\b/i,
    "Set CLOUDFLARE_ACCOUNT_ID to the account that this goes to; `npx wrangler whoami` lists them.",
    // SQL may have a column of that name.
    /^(?!d1 (migrations|execute))/,
  ],
  [
    /already has a consumer|code: 11004\b/i,
    "Another Worker consumes that queue: give this installation's queues other names in wrangler.toml, or remove the other with `npx wrangler queues consumer remove QUEUE WORKER`.",
  ],
  [
    /already exists|already taken/i,
    "Run this again: it was made meanwhile, perhaps by another deployment. Let one end before the next begins.",
    /^(d1|queues|r2 bucket|pages project) create/,
  ],
  [/code: 10042\b|enable R2/i, "Enable R2 for the account once: dash.cloudflare.com, R2 Object Storage."],
  [
    /workers paid|paid plan|code: 100129\b/i,
    "The account needs the Workers Paid plan: signing in, queues and the limits of D1 ask for it.",
  ],
  [
    /upgrade/i,
    "The account needs the Workers Paid plan: signing in, queues and the limits of D1 ask for it.",
    /^(queues|d1) create/,
  ],
  [
    /workers\.dev subdomain/i,
    "Register a workers.dev subdomain for the account: dash.cloudflare.com, Workers & Pages.",
  ],
  [
    /Unable to resolve|getaddrinfo|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|fetch failed|A fetch request failed/i,
    "Cloudflare's API could not be reached: look at the network, a proxy (HTTPS_PROXY) and https://www.cloudflarestatus.com.",
  ],
  [
    /migration/i,
    "The failed migration was rolled back, and those before it stay applied. Mend its SQL; the Worker that runs has not been touched.",
    /^d1 migrations/,
  ],
  [
    /migration/i,
    "Compare [[migrations]] in wrangler.toml with what was deployed: a tag that Cloudflare has taken stays as it is, and a change is a new one after it.",
    /^deploy/,
  ],
];

/** What to do about a fault, by the command and what wrangler printed. */
export function adviceFor(command: string, output: string): string {
  const fits = ADVICE.find(([said, , commands]) => said.test(output) && (commands?.test(command) ?? true));
  return fits?.[1] ?? "Mend what it says.";
}
