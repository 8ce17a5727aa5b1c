import { DomainError, errorText } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";
import { awaitEnd } from "./await-end.ts";
import { CallRefused, ctxOfDoor, type Door, type IncomingCall, nothingHere } from "./door.ts";
import { type FoundWebhook, findWebhook } from "./find-webhook.ts";
import { judgeCall, mapPayload, secondsToWait } from "./judge-call.ts";
import { countMiss } from "./misses.ts";
import { type CallFacts, endOfError, endOfStarted, recordCall } from "./record-call.ts";
import { Shield, shieldHeaders } from "./shield.ts";
import { type StartedCall, startCall } from "./start-call.ts";

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
 * behind the answer's back, as it was answered, so that a caller never waits for that.
 */
export async function trigger(door: Door, call: IncomingCall): Promise<TriggerAnswer> {
  const at = door.engine.clock.now();
  const digest = await sha256Hex(call.secretKey);
  const claim = { workflowId: call.workflowId, digest };
  const waitSeconds = shield.enter(call.ip, claim, at);
  if (waitSeconds > 0) return { ok: false, headers: shieldHeaders(waitSeconds), error: tooManyWrong(waitSeconds) };
  const find = () => findWebhook(door.engine.db, { ...claim, now: at });
  const webhook = await find().catch((error: unknown) => {
    shield.unknown(claim);
    throw error;
  });
  if (!webhook) {
    shield.wrong(claim);
    countMiss(door.engine, call.workflowId);
    return { ok: false, headers: {}, error: nothingHere() };
  }
  shield.right(call.ip, claim, at);

  const facts: CallFacts = { at, ip: call.ip, requestId: call.requestId, payload: null };
  try {
    const { payload, deliveryId } = await judgeCall(door, webhook, call);
    facts.payload = { value: payload };
    const input = mapPayload(webhook.mapping, payload);
    const seconds = secondsToWait(call.wait);
    const executionId = door.engine.ids.next();
    const started = await startCall(door, webhook, { executionId, deliveryId, input, at }, find);
    return { ok: true, ...started, ended: await answered(door, webhook, facts, started, seconds) };
  } catch (error) {
    recordCall(door, webhook, facts, endOfError(door, error, facts));
    return error instanceof CallRefused
      ? { ok: false, headers: error.headers, error: error.refusal }
      : { ok: false, headers: {}, error };
  }
}

/** Records a call that started as what it is answered: at once, or when the wait for its result is over. */
async function answered(
  door: Door,
  webhook: FoundWebhook,
  facts: CallFacts,
  started: StartedCall,
  seconds: number,
): Promise<Ended | null> {
  const answer = endWithin(door, webhook, started, seconds).then((ended) => {
    recordCall(door, webhook, facts, endOfStarted(started, ended !== null));
    return ended;
  });
  // A caller who waits may hang up, and its call is to be seen all the same.
  if (seconds > 0) door.engine.background(answer.then(() => undefined));
  return answer;
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
    const about = { webhookId, executionId };
    door.engine.log.log("warn", "Webhook", `a result was not waited for: ${errorText(error)}`, about);
    return null;
  }
}

function tooManyWrong(retryAfterSeconds: number): DomainError {
  const message =
    "Too many calls with a wrong secret came from this address. Compare the webhook's address with what its owner sees.";
  return new DomainError("rate_limited", message, { retryAfterSeconds });
}
