import type { CipherSettings } from "../core/cipher.ts";
import { isoTime, isoTimeOrNull } from "../core/clock.ts";
import { storedSignature, type WebhookView } from "./inputs.ts";
import { IS_NUMBER, storedAddresses, storedMapping } from "./row.ts";
import { signingSecretOf } from "./rules/signing-key.ts";
import type { webhooks } from "./schema.ts";
import { openSecret, openSigningSecret } from "./secrets.ts";

export type WebhookRow = typeof webhooks.$inferSelect;

/** Who looks, and from where. */
export interface Viewer {
  /** Whether secrets are shown to this one, or masked. */
  seesSecrets: boolean;
  /** Where the installation is reached: `https://swarm.example.com`. */
  origin: string;
}

const MASK = "********";

/** A webhook as the API shows it: field by field, so that a column added later stays inside. */
export async function webhookView(settings: CipherSettings, row: WebhookRow, viewer: Viewer): Promise<WebhookView> {
  const { seesSecrets } = viewer;
  const secretKey = seesSecrets ? await openSecret(settings, row, row.secret) : MASK;
  const signature = storedSignature.parse(JSON.parse(row.signature));
  const secret = row.signingSecret === null ? undefined : await shownSigningSecret(settings, row, seesSecrets);
  const signs = secret ?? secretKey;
  return {
    id: row.id,
    workflowId: row.workflowId,
    webhookUrl: secretKey === null ? null : triggerUrl(viewer.origin, row.workflowId, secretKey),
    secretKey,
    enabled: row.enabled === 1,
    triggerCount: row.triggerCount,
    lastTriggeredAt: isoTimeOrNull(row.lastTriggeredAt),
    ipWhitelist: storedAddresses.parse(JSON.parse(row.ipWhitelist)),
    payloadTransformer: storedMapping.parse(JSON.parse(row.payloadTransformer ?? "null")),
    signature: { ...signature, ...(secret === undefined ? {} : { secret }) },
    ...(signature.scheme === "standard" && signs !== null
      ? { signingSecret: seesSecrets ? signingSecretOf(signs) : MASK }
      : {}),
    rateLimit: { limit: row.rateLimit, windowSeconds: row.rateWindowSeconds },
    rotateAfterDays: row.rotateAfterDays,
    rotatesAt: isoTimeOrNull(row.rotateAt),
    previousSecretValidUntil: isoTimeOrNull(row.previousValidUntil),
    version: shownVersion(row.version),
    createdAt: isoTime(row.createdAt),
    updatedAt: isoTime(row.updatedAt),
  };
}

async function shownSigningSecret(
  settings: CipherSettings,
  row: WebhookRow,
  seesSecrets: boolean,
): Promise<string | undefined> {
  if (!seesSecrets || row.signingSecret === null) return MASK;
  return (await openSigningSecret(settings, row, row.signingSecret)) ?? undefined;
}

function triggerUrl(origin: string, workflowId: string, secretKey: string): string {
  return `${origin}/api/webhooks/trigger/${workflowId}/${secretKey}`;
}

/** A number comes back as the number that was given. */
function shownVersion(version: string | null): string | number | null {
  return version !== null && IS_NUMBER.test(version) ? Number(version) : version;
}
