/** What opens something, by its look: what stays of it, and the secret that does not. */
const SECRETS: readonly RegExp[] = [
  // What follows in these addresses is a secret.
  /(\/api\/(?:webhooks\/trigger|invitations)\/)[^\s"',)]+/g,
  /\b(Bearer\s+)[^\s"',)]+/gi,
  // Keys of ours, of providers, and secrets of webhooks: short words that only begin like one are left alone.
  /\b(swarm_|sk-|whsec_|AIza|xox[a-z]-|gh[a-z]_)[\w-]{8,}/g,
  /([?&](?:key|token|secret|signature|api_key)=)[^\s&"']+/gi,
];

/** A text as a log may hold it, with `…` where a secret stood. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((clean, secret) => clean.replace(secret, "$1…"), text);
}
