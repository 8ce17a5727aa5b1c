export { createWebhook, newWebhookRow } from "./create-webhook.ts";
export { openGates } from "./gates.ts";
export { type WebhookInput, type WebhookView, webhookInputSchema } from "./inputs.ts";
export { listWebhooks } from "./list-webhooks.ts";
export { rotateSecrets } from "./rotate-secrets.ts";
export { tidyWebhooks } from "./tidy-webhooks.ts";
