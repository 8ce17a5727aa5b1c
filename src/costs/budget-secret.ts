import type { Place } from "../core/cipher.ts";
import type { Ids } from "../core/ids.ts";

const SECRET_BYTES = 32;

/** Where the secret that signs a budget's webhooks lies. */
export function webhookSecretPlace(workspaceId: string, budgetId: string): Place {
  return { workspaceId, row: budgetId, field: "budgets.webhook_secret" };
}

/** A new signing secret in the form that Standard Webhooks gives them: `whsec_` and base64. */
export function newWebhookSecret(ids: Ids): string {
  const base64Url = ids.secret(SECRET_BYTES);
  const base64 = base64Url.replaceAll("-", "+").replaceAll("_", "/");
  return `whsec_${base64.padEnd(Math.ceil(base64.length / 4) * 4, "=")}`;
}
