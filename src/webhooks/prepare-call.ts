import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { assertInput, choosePin, type Prepared, prepareStart } from "../executions/index.ts";
import { CallRefused, type Door, detailOf } from "./door.ts";
import type { FoundWebhook } from "./find-webhook.ts";

/**
 * What a call would start. A caller cannot mend the workflow, so that what is wrong with it is for the owner alone.
 * Throws {@link CallRefused}.
 */
export async function prepareCall(
  door: Door,
  ctx: Ctx,
  webhook: FoundWebhook,
  { executionId, input }: { executionId: string; input: unknown },
): Promise<Prepared> {
  const { workflowId, version } = webhook;
  const choice = await choosePin(webhook.pin, executionId);
  if (choice.kind === "missing") {
    throw cannotRun("version", `The workflow has no version ${version} any more. Pin the webhook to another one.`);
  }
  const pin = choice.kind === "committed" ? choice.pin : undefined;
  let prepared: Prepared;
  try {
    prepared = await prepareStart(ctx, door.engine, { workflowId, version: version ?? undefined, executionId, pin });
  } catch (error) {
    throw error instanceof DomainError ? cannotRun(error.code, detailOf(error)) : error;
  }
  try {
    assertInput(prepared.definition, input);
  } catch (error) {
    throw error instanceof DomainError ? new CallRefused("input", error) : error;
  }
  return prepared;
}

function cannotRun(failedCheck: string, detail: string): CallRefused {
  const message = "The webhook's workflow cannot run as it is. Its owner sees why among the webhook's calls.";
  return new CallRefused(failedCheck, new DomainError("workflow_invalid", message), { detail });
}
