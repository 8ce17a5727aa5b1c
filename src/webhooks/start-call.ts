import { isoTime } from "../core/clock.ts";
import { DomainError, errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { violatesUnique } from "../db/transient.ts";
import { type Prepared, startPrepared } from "../executions/index.ts";
import { type Admission, admitCall, writtenOf } from "./admit-call.ts";
import { askGate } from "./ask-gate.ts";
import { firstOf, recordDelivery } from "./deliveries.ts";
import { CallRefused, ctxOfDoor, type Door, nothingHere } from "./door.ts";
import type { FoundWebhook } from "./find-webhook.ts";
import { prepareCall } from "./prepare-call.ts";
import { rateHeaders } from "./rules/rate-headers.ts";
import { confirmCall } from "./settlements.ts";

/** Each lost race means that somebody else's write went through, so that a few tries always suffice. */
const MAX_TRIES = 5;

/** A call that passed every check of its own. */
export interface JudgedCall {
  executionId: string;
  deliveryId: string | null;
  input: unknown;
  /** When it came, in epoch milliseconds. */
  at: number;
}

/** What a call came to. `headers` tell the caller where the limit stands. */
export interface StartedCall {
  kind: "started" | "duplicate";
  executionId: string;
  headers: Record<string, string>;
}

/** The batch met a fault, and whether it took effect could not be asked. The reservation is left to run out. */
export class StartInDoubt extends Error {
  readonly executionId: string;

  constructor(executionId: string, cause: unknown) {
    super(`whether execution ${executionId} is written is not known: ${errorText(cause)}`, { cause });
    this.executionId = executionId;
  }
}

/**
 * Asks the gate, and starts the execution. The gate's answer is a reservation: it is confirmed once the batch is
 * written, given back when it is not, and runs out by itself when that is not known. Whether a delivery came before is
 * decided by its row in that batch; the gate only knows it sooner. The gate comes before the workflow is looked at, so
 * that a delivery that is known is answered with its execution whatever the workflow says now.
 * Throws {@link CallRefused} and {@link StartInDoubt}.
 *
 * @param again finds the webhook anew, for when it changed under our hands
 */
export async function startCall(
  door: Door,
  webhook: FoundWebhook,
  call: JudgedCall,
  again: () => Promise<FoundWebhook | undefined>,
): Promise<StartedCall> {
  const ctx = ctxOfDoor(door, webhook.workspaceId);
  const { executionId, deliveryId } = call;
  const admission = await admitCall(door, ctx, webhook, call);
  const headers = rateHeaders(admission);
  if (admission.kind === "duplicate") return { kind: "duplicate", executionId: admission.executionId, headers };
  if (admission.kind !== "admitted") throw turnedAway(admission, headers);
  try {
    await write(door, ctx, webhook, call, again);
  } catch (error) {
    if (!(await isWritten(ctx, executionId, error))) {
      await release(door, webhook, executionId);
      const repeated = deliveryId !== null && violatesUnique(error, "webhook_deliveries");
      const first = repeated ? await firstOf(ctx, webhook.id, deliveryId) : null;
      if (first === null) throw error;
      return { kind: "duplicate", executionId: first, headers };
    }
    ctx.log.log("warn", "Webhook", `started in spite of a fault: ${errorText(error)}`, { executionId });
    await tellAgain(ctx, executionId, () => write(door, ctx, webhook, call, again));
  }
  confirmCall(door, webhook.id, executionId);
  return { kind: "started", executionId, headers };
}

async function write(
  door: Door,
  ctx: Ctx,
  webhook: FoundWebhook,
  call: JudgedCall,
  again: () => Promise<FoundWebhook | undefined>,
): Promise<void> {
  const request = { input: call.input, trigger: { type: "webhook", id: webhook.id } as const };
  let next: Prepared = await prepareCall(door, ctx, webhook, call);
  for (let tries = 1; ; tries += 1) {
    if (await startPrepared(ctx, door.engine, next, request, alongside(ctx, webhook, call))) return;
    const found = await again();
    if (!found?.enabled) throw new CallRefused("enabled", nothingHere(), { detail: "It was disabled meanwhile." });
    if (tries === MAX_TRIES) {
      const message = "The workflow is being saved again and again. Send the call again shortly.";
      throw new DomainError("overloaded", message, { retryAfterSeconds: 1 });
    }
    next = await prepareCall(door, ctx, found, call);
  }
}

function alongside(ctx: Ctx, webhook: FoundWebhook, { executionId, deliveryId, at }: JudgedCall) {
  const { workflowId, id: webhookId } = webhook;
  const counted = ctx.db.d1
    .prepare(
      `UPDATE webhooks SET trigger_count = trigger_count + 1, last_triggered_at = max(coalesce(last_triggered_at, 0), ?3)
       WHERE workspace_id = ?1 AND id = ?2`,
    )
    .bind(ctx.workspaceId, webhookId, at);
  const delivery = deliveryId === null ? [] : recordDelivery(ctx, { webhookId, deliveryId, executionId });
  const event = { type: "webhook", webhookId, workflowId, executionId, outcome: "started", at: isoTime(at) } as const;
  return { statements: [...delivery, counted], events: [event], watched: webhook.watched };
}

/**
 * Whether the execution is there after a fault. A batch may take effect and its answer be lost: taken for a failure, it
 * would give its place in the limit to another call. Throws {@link StartInDoubt}.
 */
async function isWritten(ctx: Ctx, executionId: string, error: unknown): Promise<boolean> {
  // None of these comes from a batch that was carried out: refusals of ours, and of the delivery's key.
  if (error instanceof CallRefused || error instanceof DomainError) return false;
  if (violatesUnique(error, "webhook_deliveries")) return false;
  try {
    return (await writtenOf(ctx, [executionId])).has(executionId);
  } catch {
    // What the look-up met adds nothing: it is asked because of the fault that is told here.
    throw new StartInDoubt(executionId, error);
  }
}

/** Written once more, an execution stumbles over itself and its messages are sent. The sweeper sends what is not. */
async function tellAgain({ log }: Ctx, executionId: string, writeAgain: () => Promise<void>): Promise<void> {
  try {
    await writeAgain();
  } catch (error) {
    log.log("warn", "Webhook", `its steps are left to the sweeper: ${errorText(error)}`, { executionId });
  }
}

function turnedAway(
  admission: Exclude<Admission, { kind: "admitted" | "duplicate" }>,
  headers: Record<string, string>,
) {
  if (admission.kind === "limited") {
    const { limit, retryAfterSeconds } = admission;
    const message = `The webhook takes ${limit} calls in its window. Send this one again after ${retryAfterSeconds} seconds.`;
    return new CallRefused("limit", new DomainError("rate_limited", message, { retryAfterSeconds }), { headers });
  }
  const message = "This delivery is being worked on. Send it again shortly to learn what it started.";
  return new CallRefused("pending", new DomainError("overloaded", message, { retryAfterSeconds: 1 }), { headers });
}

/** A reservation that cannot be given back runs out by itself. */
async function release({ engine, gates }: Door, { id: webhookId }: FoundWebhook, executionId: string): Promise<void> {
  try {
    await askGate(gates, webhookId, (gate) => gate.settle({ confirmed: [], released: [executionId], calls: [] }));
  } catch (error) {
    const about = { webhookId, executionId };
    engine.log.log("warn", "Webhook", `a reservation was left to run out: ${errorText(error)}`, about);
  }
}
