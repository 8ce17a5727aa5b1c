import { z } from "zod";
import type { Ctx } from "../db/context.ts";
import { type IdempotencyKey, storedAnswer } from "../db/idempotency.ts";
import { assertInput, type Engine, prepareStart, startExecution } from "../executions/index.ts";
import { payloadOfCall } from "./calls.ts";
import { CallRefused } from "./door.ts";
import type { Gates } from "./gates.ts";
import type { WebhookTest } from "./inputs.ts";
import { mapPayload } from "./judge-call.ts";
import { assertMapping, readWebhook, storedMapping } from "./row.ts";
import type { WebhookRow } from "./view.ts";

/** What acting on a payload by hand takes. */
interface Ports {
  engine: Engine;
  gates: Gates;
}

/** What a test came to. Without an execution it was a dry run. */
export interface Tested {
  transformedInput: unknown;
  executionId?: string;
}

/**
 * Runs a payload, given or of an earlier call, as if it had come to the webhook, without its limit and its counts. A
 * mapping that is given takes the place of the saved one. A dry run checks everything and writes nothing.
 * A repeat under the same `key` answers what the first started.
 * Throws `webhook_not_found`, `call_not_found`, `call_not_replayable`, `idempotency_conflict`, `invalid_fields` for a mapping that cannot be
 * used, `mapping_failed`, `input_invalid`, and what starting an execution throws.
 */
export async function testWebhook(
  ctx: Ctx,
  { engine, gates }: Ports,
  webhookId: string,
  { payload, callId, payloadTransformer, dryRun }: WebhookTest,
  key?: IdempotencyKey,
): Promise<Tested> {
  const row = await readWebhook(ctx, webhookId);
  if (payloadTransformer !== undefined) assertMapping(payloadTransformer);
  const given =
    callId === undefined ? (payload === undefined ? {} : payload) : await payloadOfCall(gates, webhookId, callId);
  const transformedInput = mapped(payloadTransformer === undefined ? mappingOf(row) : payloadTransformer, given);
  if (!dryRun) return { transformedInput, executionId: await start(ctx, engine, row, transformedInput, key) };
  const prepared = await prepareStart(ctx, engine, { ...workOf(row), executionId: ctx.ids.next() });
  assertInput(prepared.definition, transformedInput);
  return { transformedInput };
}

/**
 * Starts an execution with the payload of an earlier call, mapped by what the webhook says now. A repeat under the same
 * `key` answers what the first started. Throws what
 * {@link testWebhook} throws.
 */
export async function replayCall(
  ctx: Ctx,
  { engine, gates }: Ports,
  webhookId: string,
  callId: string,
  key?: IdempotencyKey,
): Promise<{ executionId: string }> {
  const row = await readWebhook(ctx, webhookId);
  // Before the call is looked for: by the time of a repeat, newer ones may have pushed it out.
  const known = key && (await storedAnswer(ctx, key));
  if (known !== undefined) return answeredSchema.parse(known);
  const payload = await payloadOfCall(gates, webhookId, callId);
  return { executionId: await start(ctx, engine, row, mapped(mappingOf(row), payload), key) };
}

const answeredSchema = z.object({ executionId: z.string() });

async function start(
  ctx: Ctx,
  engine: Engine,
  row: WebhookRow,
  input: unknown,
  idempotencyKey: IdempotencyKey | undefined,
): Promise<string> {
  const trigger = { type: "webhook", id: row.id } as const;
  return (await startExecution(ctx, engine, { ...workOf(row), input, trigger, idempotencyKey })).executionId;
}

function workOf({ workflowId, version }: WebhookRow) {
  return { workflowId, version: version ?? undefined };
}

function mappingOf({ payloadTransformer }: WebhookRow) {
  return storedMapping.parse(JSON.parse(payloadTransformer ?? "null"));
}

/** The refusal itself: whoever tries by hand is the one who may know everything. */
function mapped(mapping: ReturnType<typeof mappingOf>, payload: unknown): unknown {
  try {
    return mapPayload(mapping, payload);
  } catch (error) {
    throw error instanceof CallRefused ? error.refusal : error;
  }
}
