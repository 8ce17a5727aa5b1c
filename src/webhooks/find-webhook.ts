import { z } from "zod";
import { sameDigest } from "../core/hash.ts";
import { RETENTION_DEFAULTS } from "../core/retention.ts";
import type { Db } from "../db/client.ts";
import { pinExpression } from "../executions/index.ts";
import { storedSignature } from "./inputs.ts";
import { storedAddresses, storedMapping } from "./row.ts";

const rowSchema = z.object({
  workspace_id: z.string(),
  id: z.string(),
  workflow_id: z.string(),
  enabled: z.number(),
  secret_hash: z.string(),
  secret: z.string(),
  previous_hash: z.string().nullable(),
  previous_secret: z.string().nullable(),
  previous_valid_until: z.number().nullable(),
  ip_whitelist: z.string(),
  payload_transformer: z.string().nullable(),
  signature: z.string(),
  signing_secret: z.string().nullable(),
  rate_limit: z.number(),
  rate_window_seconds: z.number(),
  version: z.string().nullable(),
  pin: z.string(),
  watched: z.number(),
  call_days: z.number(),
});

/** Which webhook a call is for, and all that is needed to judge it and to start what it asks for. */
export interface FoundWebhook {
  workspaceId: string;
  id: string;
  workflowId: string;
  enabled: boolean;
  /** The sealed secrets that open it now: the present one, and the one before while its grace lasts. */
  secrets: readonly string[];
  /** The sender's own signing secret, sealed. */
  signingSecret: string | null;
  signature: z.infer<typeof storedSignature>;
  ipWhitelist: readonly string[];
  mapping: Readonly<Record<string, string>> | null;
  rate: { limit: number; windowSeconds: number };
  version: string | null;
  /** For `choosePin`. */
  pin: string;
  /** Whether somebody watches the workspace's live feed. */
  watched: boolean;
  /** How many days its workspace keeps calls. */
  callDays: number;
}

/**
 * The webhook of a workflow that a secret opens, in one query; `undefined` when there is none. The workspace is what
 * the secret tells, so that this query alone names none. It looks the secret up by its digest, and what an index
 * compares of a digest says nothing about the secret; that it fits is then seen in constant time.
 *
 * @param digest SHA-256 of the secret that was sent, in hex
 */
export async function findWebhook(
  db: Db,
  { workflowId, digest, now }: { workflowId: string; digest: string; now: number },
): Promise<FoundWebhook | undefined> {
  const { results } = await db.d1
    .prepare(
      `SELECT h.workspace_id, h.id, h.workflow_id, h.enabled, h.secret_hash, h.secret, h.previous_hash, h.previous_secret,
         h.previous_valid_until, h.ip_whitelist, h.payload_transformer, h.signature, h.signing_secret, h.rate_limit,
         h.rate_window_seconds, h.version,
         ${pinExpression({ workspace: "h.workspace_id", workflow: "h.workflow_id", version: "h.version" })} AS pin,
         EXISTS (SELECT 1 FROM live_watches l WHERE l.workspace_id = h.workspace_id AND l.until > ?3) AS watched,
         coalesce((SELECT r.call_days FROM retention_settings r WHERE r.workspace_id = h.workspace_id), ?4) AS call_days
       FROM webhooks h
       WHERE h.workflow_id = ?1
         AND (h.secret_hash = ?2 OR (h.previous_hash = ?2 AND h.previous_valid_until > ?3)) LIMIT 1`,
    )
    .bind(workflowId, digest, now, RETENTION_DEFAULTS.callDays)
    .run();
  const [row] = z.array(rowSchema).parse(results);
  if (!row) return undefined;
  const inGrace = row.previous_hash !== null && row.previous_secret !== null && (row.previous_valid_until ?? 0) > now;
  const opens = sameDigest(row.secret_hash, digest) || (inGrace && sameDigest(row.previous_hash ?? "", digest));
  if (!opens) return undefined;
  return {
    workspaceId: row.workspace_id,
    id: row.id,
    workflowId: row.workflow_id,
    enabled: row.enabled === 1,
    secrets: inGrace && row.previous_secret !== null ? [row.secret, row.previous_secret] : [row.secret],
    signingSecret: row.signing_secret,
    signature: storedSignature.parse(JSON.parse(row.signature)),
    ipWhitelist: storedAddresses.parse(JSON.parse(row.ip_whitelist)),
    mapping: storedMapping.parse(JSON.parse(row.payload_transformer ?? "null")),
    rate: { limit: row.rate_limit, windowSeconds: row.rate_window_seconds },
    version: row.version,
    pin: row.pin,
    watched: row.watched === 1,
    callDays: row.call_days,
  };
}
