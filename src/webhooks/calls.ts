import { isoTime } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { ListedCall } from "./gate-calls.ts";
import type { Gates } from "./gates.ts";
import type { CallView } from "./inputs.ts";
import { missesOf } from "./misses.ts";
import { readWebhook } from "./row.ts";

/**
 * The last calls of a webhook, at most ten that were let in and ten that were not, newest first, and how often its
 * workflow was called with a secret that opens nothing. Throws `webhook_not_found`.
 */
export async function listCalls(ctx: Ctx, gates: Gates, webhookId: string) {
  const { workflowId } = await readWebhook(ctx, webhookId);
  const [calls, wrongSecrets] = await Promise.all([gates(webhookId).calls(), missesOf(ctx, workflowId)]);
  return { items: calls.map(callView), nextCursor: null, wrongSecrets };
}

/** A call with its whole payload. Throws `webhook_not_found` and what {@link payloadOfCall} throws. */
export async function readCall(ctx: Ctx, gates: Gates, webhookId: string, callId: string) {
  await readWebhook(ctx, webhookId);
  return { id: callId, payload: await payloadOfCall(gates, webhookId, callId) };
}

/**
 * The payload of a call that is still kept. Throws `call_not_found`, and `call_not_replayable` for one that did not get
 * past address and signature: who sent it is not known.
 */
export async function payloadOfCall(gates: Gates, webhookId: string, callId: string): Promise<unknown> {
  const call = await gates(webhookId).call(callId);
  if (call === null) {
    throw new DomainError("call_not_found", "There is no such call any more. GET the webhook's calls to see the last.");
  }
  if (call.payload === null) {
    const message = "This call holds no payload: it did not get past address, signature and JSON, or was too large.";
    throw new DomainError("call_not_replayable", `${message} Have the sender send it again.`);
  }
  return JSON.parse(call.payload);
}

function callView({ id, at, ip, ...call }: ListedCall): CallView {
  const { status, outcome, failedCheck, executionId, durationMs, detail, payloadPreview, replayable } = call;
  return {
    id,
    at: isoTime(at),
    ip,
    status,
    outcome,
    failedCheck,
    executionId,
    durationMs,
    detail,
    payloadPreview,
    replayable,
  };
}
