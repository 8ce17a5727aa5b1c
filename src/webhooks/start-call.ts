import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { DomainError, errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { violatesUnique } from "../db/transient.ts";
import { assertInput, choosePin, type Prepared, prepareStart, startPrepared } from "../executions/index.ts";
import { recordDelivery } from "./deliveries.ts";
import { CallRefused, ctxOfDoor, type Door, nothingHere } from "./door.ts";
import type { FoundWebhook } from "./find-webhook.ts";
import { rateHeaders } from "./rules/rate-headers.ts";
import type { Decision } from "./rules/sliding-window.ts";

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

/**
 * Asks the gate, and starts the execution. The gate's answer is a reservation: it is confirmed by the caller once the
 * batch is written, released here when it is not, and runs out by itself when neither happens. Whether a delivery came
 * before is decided by its row in that batch; the gate only knows it sooner. Throws {@link CallRefused}.
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
  const prepared = await prepare(door, ctx, webhook, call);
  const { executionId, deliveryId } = call;
  const gate = door.gates(webhook.id);
  const decision = await gate.reserve({ executionId, deliveryId, ...webhook.rate, now: door.engine.clock.now() });
  const headers = rateHeaders(decision);
  if (decision.kind === "duplicate") return { kind: "duplicate", executionId: decision.executionId, headers };
  if (decision.kind !== "admitted") throw turnedAway(decision, headers);
  try {
    await write(door, ctx, { webhook, prepared, call }, again);
    return { kind: "started", executionId, headers };
  } catch (error) {
    await release(door, webhook, executionId);
    const first =
      deliveryId !== null && violatesUnique(error, "webhook_deliveries")
        ? await firstOf(ctx, webhook.id, deliveryId)
        : null;
    if (first === null) throw error;
    return { kind: "duplicate", executionId: first, headers };
  }
}

interface Writing {
  webhook: FoundWebhook;
  prepared: Prepared;
  call: JudgedCall;
}

async function write(
  door: Door,
  ctx: Ctx,
  { webhook, prepared, call }: Writing,
  again: () => Promise<FoundWebhook | undefined>,
): Promise<void> {
  const trigger = { type: "webhook", id: webhook.id } as const;
  let next = prepared;
  for (let tries = 1; ; tries += 1) {
    const request = { input: call.input, trigger };
    if (await startPrepared(ctx, door.engine, next, request, alongside(ctx, webhook, call))) return;
    const found = await again();
    if (!found?.enabled) throw new CallRefused("enabled", nothingHere());
    if (tries === MAX_TRIES) {
      const message = "The workflow is being saved again and again. Send the call again shortly.";
      throw new DomainError("overloaded", message, { retryAfterSeconds: 1 });
    }
    next = await prepare(door, ctx, found, call);
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

/** What the call would start. A caller cannot mend the workflow, so that what is wrong with it is for the owner alone. */
async function prepare(door: Door, ctx: Ctx, webhook: FoundWebhook, call: JudgedCall): Promise<Prepared> {
  const { workflowId, version } = webhook;
  const { executionId } = call;
  const choice = await choosePin(webhook.pin, executionId);
  if (choice.kind === "missing") throw cannotRun("version");
  const pin = choice.kind === "committed" ? choice.pin : undefined;
  let prepared: Prepared;
  try {
    prepared = await prepareStart(ctx, door.engine, { workflowId, version: version ?? undefined, executionId, pin });
  } catch (error) {
    throw error instanceof DomainError ? cannotRun(error.code) : error;
  }
  try {
    assertInput(prepared.definition, call.input);
  } catch (error) {
    throw error instanceof DomainError ? new CallRefused("input", error) : error;
  }
  return prepared;
}

function cannotRun(failedCheck: string): CallRefused {
  const message = "The webhook's workflow cannot run as it is. Its owner sees why among the webhook's calls.";
  return new CallRefused(failedCheck, new DomainError("workflow_invalid", message));
}

function turnedAway(decision: Exclude<Decision, { kind: "admitted" | "duplicate" }>, headers: Record<string, string>) {
  if (decision.kind === "limited") {
    const { limit, retryAfterSeconds } = decision;
    const message = `The webhook takes ${limit} calls in its window. Send this one again after ${retryAfterSeconds} seconds.`;
    return new CallRefused("limit", new DomainError("rate_limited", message, { retryAfterSeconds }), headers);
  }
  const message = "This delivery is being worked on. Send it again shortly to learn what it started.";
  return new CallRefused("pending", new DomainError("overloaded", message, { retryAfterSeconds: 1 }), headers);
}

/** A reservation that cannot be given back runs out by itself. */
async function release(door: Door, { id }: FoundWebhook, executionId: string): Promise<void> {
  try {
    await door.gates(id).release({ executionId, call: null });
  } catch (error) {
    door.engine.log.log("warn", "Webhook", `a reservation was left to run out: ${errorText(error)}`, {
      webhookId: id,
    });
  }
}

async function firstOf(ctx: Ctx, webhookId: string, deliveryId: string): Promise<string | null> {
  const first = await ctx.db.d1
    .prepare(
      "SELECT execution_id FROM webhook_deliveries WHERE workspace_id = ?1 AND webhook_id = ?2 AND delivery_id = ?3",
    )
    .bind(ctx.workspaceId, webhookId, deliveryId)
    .first("execution_id");
  return z.string().nullable().parse(first);
}
