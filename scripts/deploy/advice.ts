/** What wrangler says of a fault, and what helps. The first that fits counts. */
const ADVICE: readonly [RegExp, string][] = [
  [
    /not authenticated|not logged in|no credentials were found|"loggedIn":\s*false|CLOUDFLARE_API_TOKEN|code: 10000\b/i,
    "Log in with `npx wrangler login`, or set CLOUDFLARE_API_TOKEN to a token that may edit Workers, D1, Queues, R2 and Pages.",
  ],
  [
    /More than one account|account_id/i,
    "Set CLOUDFLARE_ACCOUNT_ID to the account that this goes to; `npx wrangler whoami` lists them.",
  ],
  [/code: 10042\b|enable R2/i, "Enable R2 for the account once: dash.cloudflare.com, R2 Object Storage."],
  [
    /workers paid|paid plan|code: 100129\b|upgrade/i,
    "The account needs the Workers Paid plan: signing in, queues and the limits of D1 ask for it.",
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
  ],
];

/** What to do about a fault, by what wrangler printed. */
export function adviceFor(output: string): string {
  return ADVICE.find(([said]) => said.test(output))?.[1] ?? "Mend what it says.";
}
