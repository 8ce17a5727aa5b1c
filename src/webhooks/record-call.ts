import { DAY_MS, isoTime } from "../core/clock.ts";
import { CallRefused, type Door } from "./door.ts";
import type { FoundWebhook } from "./find-webhook.ts";
import type { RecordedCall } from "./gate-calls.ts";
import { keepCall } from "./settlements.ts";
import { type StartedCall, StartInDoubt } from "./start-call.ts";

/** Calls that start executions come by the hundred a second: their lines are sampled, and none of the others'. */
const LEVELS = { started: "debug", duplicate: "debug", refused: "info", failed: "error" } as const;

export interface CallFacts {
  at: number;
  ip: string | null;
  requestId: string;
  /** Once the call is known to be its sender's own. */
  payload: { value: unknown } | null;
}

/** How a call ended, as its caller was told. */
export type End = Pick<RecordedCall, "status" | "outcome" | "failedCheck" | "executionId" | "detail">;

/** A call that was let in, or repeated one that was. `waited`: its result was in the answer. */
export function endOfStarted({ kind, executionId }: StartedCall, waited: boolean): End {
  const status = waited || kind === "duplicate" ? 200 : 202;
  return { status, outcome: kind, failedCheck: null, executionId, detail: null };
}

/** A call that was refused, or met a fault. */
export function endOfError(door: Door, error: unknown, { requestId }: CallFacts): End {
  if (error instanceof CallRefused) {
    const { status } = door.refusalOf(error.refusal);
    return { status, outcome: "refused", failedCheck: error.failedCheck, executionId: null, detail: error.detail };
  }
  const { code, status, message } = door.refusalOf(error);
  const detail =
    error instanceof StartInDoubt
      ? `It is not known whether this execution was started. The log has the fault under ${requestId}.`
      : `${message} (${requestId})`;
  const executionId = error instanceof StartInDoubt ? error.executionId : null;
  return { status, outcome: "failed", failedCheck: code, executionId, detail };
}

/** Tells log, watchers and the webhook's owner what became of a call. */
export function recordCall(door: Door, webhook: FoundWebhook, facts: CallFacts, end: End): void {
  const { engine } = door;
  const { id: webhookId, workspaceId, workflowId } = webhook;
  const { status, outcome, failedCheck, executionId } = end;
  const durationMs = engine.clock.now() - facts.at;
  engine.log.log(LEVELS[outcome], "Webhook", outcome, {
    workspaceId,
    workflowId,
    webhookId,
    status,
    failedCheck,
    executionId,
    durationMs,
  });
  if (webhook.watched && outcome !== "started") {
    const at = isoTime(facts.at);
    engine.publish(workspaceId, [{ type: "webhook", webhookId, workflowId, executionId, outcome, at }]);
  }
  // Its sender was told to send it again, and a storm of them would keep nothing but payloads.
  const kept = failedCheck === "limit" ? null : facts.payload;
  keepCall(door, webhookId, {
    id: engine.ids.next(),
    at: facts.at,
    ip: facts.ip,
    ...end,
    durationMs,
    payload: kept && JSON.stringify(kept.value),
    // When ten newer ones do not push it out before.
    keptUntil: facts.at + webhook.callDays * DAY_MS,
  });
}
