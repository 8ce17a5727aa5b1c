import { isoTime } from "../core/clock.ts";
import { DomainError, errorText } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import { awaitEnd } from "./await-end.ts";
import { CallRefused, ctxOfDoor, type Door, type IncomingCall, nothingHere } from "./door.ts";
import { type FoundWebhook, findWebhook } from "./find-webhook.ts";
import type { RecordedCall } from "./gate-calls.ts";
import { judgeCall, mapPayload, secondsToWait } from "./judge-call.ts";
import { countMiss } from "./misses.ts";
import { Shield } from "./shield.ts";
import { type StartedCall, startCall } from "./start-call.ts";

/** How long the gate keeps a call with its payload, when ten newer ones do not push it out before. */
const CALL_KEPT_MS = 30 * 86_400_000;

/** Of this isolate. What another one has counted is not known here. */
const shield = new Shield();

/** What a caller is answered. A refusal is a value: it carries headers of its own. */
export type TriggerAnswer =
  | { ok: true; headers: Record<string, string>; kind: StartedCall["kind"]; executionId: string; ended: Ended | null }
  | { ok: false; headers: Record<string, string>; error: unknown };

/** How the execution ended, for a caller who waited for it. */
type Ended = NonNullable<Awaited<ReturnType<typeof awaitEnd>>>;

/**
 * A call of a webhook's public address: look-up, enabled, address, size, signature, body, mapping, gate, then the
 * execution and its steps in one batch. The happy path reads D1 once. Whatever the end, it is recorded for the owner
 * behind the answer's back, so that a caller never waits for that.
 */
export async function trigger(door: Door, call: IncomingCall): Promise<TriggerAnswer> {
  const at = door.engine.clock.now();
  const digest = await sha256Hex(call.secretKey);
  const waitSeconds = shield.enter(call.ip, digest, at);
  if (waitSeconds > 0) return { ok: false, headers: {}, error: tooManyWrong(waitSeconds) };
  const find = () => findWebhook(door.engine.db, { workflowId: call.workflowId, digest, now: at });
  const webhook = await find();
  if (!webhook) {
    shield.wrong(digest);
    countMiss(door.engine, call.workflowId);
    return { ok: false, headers: {}, error: nothingHere() };
  }
  shield.right(call.ip, digest, at);

  const facts: Facts = { at, ip: call.ip, requestId: call.requestId, payload: null };
  try {
    const { payload, deliveryId } = await judgeCall(door, webhook, call);
    facts.payload = JSON.stringify(payload);
    const input = mapPayload(webhook.mapping, payload);
    const seconds = secondsToWait(call.wait);
    const executionId = door.engine.ids.next();
    const started = await startCall(door, webhook, { executionId, deliveryId, input, at }, find);
    door.engine.background(record(door, webhook, facts, started));
    return { ok: true, ...started, ended: await endWithin(door, webhook, started, seconds) };
  } catch (error) {
    door.engine.background(record(door, webhook, facts, error));
    return error instanceof CallRefused
      ? { ok: false, headers: error.headers, error: error.refusal }
      : { ok: false, headers: {}, error };
  }
}

/** How the execution ended, `null` when nobody waits for it or it takes longer. It is started, come what may. */
async function endWithin(
  door: Door,
  { workspaceId, id: webhookId }: FoundWebhook,
  { executionId }: StartedCall,
  seconds: number,
): Promise<Ended | null> {
  if (seconds === 0) return null;
  try {
    return await awaitEnd(ctxOfDoor(door, workspaceId), door.engine, executionId, seconds);
  } catch (error) {
    door.engine.log.log("warn", "Webhook", `a result was not waited for: ${errorText(error)}`, { webhookId });
    return null;
  }
}

interface Facts {
  at: number;
  ip: string | null;
  requestId: string;
  /** As JSON, once the call is known to be its sender's own. */
  payload: string | null;
}

/** Writes down what became of a call, and confirms the reservation of one that started something. */
async function record(door: Door, webhook: FoundWebhook, facts: Facts, result: unknown): Promise<void> {
  const { engine } = door;
  const end = endOf(door, result);
  const call: RecordedCall = {
    id: engine.ids.next(),
    at: facts.at,
    ip: facts.ip,
    ...end,
    durationMs: engine.clock.now() - facts.at,
    payload: facts.payload,
    keptUntil: facts.at + CALL_KEPT_MS,
  };
  const { status, outcome, failedCheck, executionId, durationMs } = call;
  const { id: webhookId, workspaceId, workflowId } = webhook;
  engine.log.log(outcome === "failed" ? "error" : "info", "Webhook", outcome, {
    workspaceId,
    workflowId,
    webhookId,
    status,
    failedCheck,
    executionId,
    durationMs,
    requestId: facts.requestId,
  });
  if (webhook.watched && outcome !== "started") {
    const at = isoTime(facts.at);
    engine.publish(workspaceId, [{ type: "webhook", webhookId, workflowId, executionId, outcome, at }]);
  }
  try {
    const gate = door.gates(webhookId);
    if (outcome === "started" && executionId !== null) await gate.confirm({ executionId, call });
    else await gate.recordCall(call);
  } catch (error) {
    engine.log.log("warn", "Webhook", `a call was not recorded: ${errorText(error)}`, { webhookId });
  }
}

type End = Pick<RecordedCall, "status" | "outcome" | "failedCheck" | "executionId">;

function endOf(door: Door, result: unknown): End {
  if (isStarted(result)) {
    const { kind, executionId } = result;
    return { status: kind === "started" ? 202 : 200, outcome: kind, failedCheck: null, executionId };
  }
  if (result instanceof CallRefused) {
    const status = door.statusOf(result.refusal.code);
    return { status, outcome: "refused", failedCheck: result.failedCheck, executionId: null };
  }
  const code = result instanceof DomainError ? result.code : "internal";
  return { status: door.statusOf(code), outcome: "failed", failedCheck: code, executionId: null };
}

function isStarted(result: unknown): result is StartedCall {
  return typeof result === "object" && result !== null && "kind" in result;
}

function tooManyWrong(retryAfterSeconds: number): DomainError {
  const message =
    "Too many calls with a wrong secret came from this address. Compare the webhook's address with what its owner sees.";
  return new DomainError("rate_limited", message, { retryAfterSeconds });
}
