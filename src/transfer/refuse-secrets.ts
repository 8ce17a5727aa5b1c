import { DomainError, type ErrorDetail } from "../core/errors.ts";
import type { GatheredBundle } from "./export-bundle.ts";

/** Throws `secrets_found` with each place of a bundle that looks like a secret. `file` is where the bundle stands. */
export function refuseSecrets(bundle: GatheredBundle, file?: string): void {
  if (bundle.findingCount === 0) return;
  const details: ErrorDetail[] = bundle.findings.map(({ path, kind }) => ({
    path: file === undefined ? path : `${file}: ${path}`,
    message: `looks like ${NAMES[kind]}`,
  }));
  const places = bundle.findingCount === 1 ? "one place" : `${bundle.findingCount} places`;
  const where = file === undefined ? "" : ` of "${bundle.name}"`;
  throw new DomainError(
    "secrets_found",
    `Nothing was exported: ${places}${where} ${bundle.findingCount === 1 ? "looks" : "look"} like a secret. See details for each. Take it out, and change what has been seen; or export without strict.`,
    { details },
  );
}

const NAMES: Record<GatheredBundle["findings"][number]["kind"], string> = {
  openai_key: "a key of OpenAI",
  anthropic_key: "a key of Anthropic",
  google_key: "a key of Google",
  github_token: "a token of GitHub",
  aws_access_key: "an access key of AWS",
  slack_token: "a token or webhook of Slack",
  stripe_key: "a key of Stripe",
  webhook_secret: "a signing secret of a webhook",
  swarm_key: "an API key of Swarm",
  json_web_token: "a JSON Web Token",
  private_key: "a private key",
  provider_key: "a key of a provider of models",
  service_token: "a token of a service",
  basic_credentials: "a name and a password in a header",
  url_credentials: "credentials in an address",
  bearer_token: "a bearer token",
  assigned_secret: "a secret that is given to a name",
};
