import { forgetUncounted, type PricedCall, priceCall, recordCall, releaseReservation } from "../../costs/index.ts";
import type { Db } from "../../db/client.ts";
import type { Agent } from "../../definitions/index.ts";
import { billingOf, type ChainCall } from "../../providers/index.ts";
import type { RunningExecution } from "./claim-step.ts";
import type { ClaimedStep } from "./claimed-step.ts";

/**
 * Writes a call: the attempt, and unless it is known to be free its row in the ledger, with the sums that follow from it.
 * The sums move only when the ledger's row is new, so that writing a call twice charges it once. They belong to no
 * fence: an owner that lost its step spent the money all the same. A free call settles its reservation here, any other
 * does by its row in the ledger.
 */
export function writeCall(
  db: Db,
  execution: Pick<RunningExecution, "workspaceId" | "executionId" | "workflowId" | "versionId" | "prices">,
  step: Pick<ClaimedStep, "nodeId" | "fence">,
  agent: Agent,
  call: ChainCall,
): D1PreparedStatement[] {
  const attempt = db.d1
    .prepare(
      `INSERT INTO attempts (workspace_id, execution_id, node_id, fence, attempt, provider, model, status, error_kind,
         http_status, wait_ms, latency_ms, reason, at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
       WHERE EXISTS (SELECT 1 FROM executions WHERE workspace_id = ?1 AND id = ?2)
       ON CONFLICT DO NOTHING`,
    )
    .bind(
      execution.workspaceId,
      execution.executionId,
      step.nodeId,
      step.fence,
      call.attempt,
      call.provider,
      call.model,
      call.errorKind === null ? "succeeded" : "failed",
      call.errorKind,
      call.httpStatus,
      call.waitMs,
      call.latencyMs,
      call.reason,
      call.at,
    );
  const { workspaceId, executionId } = execution;
  const key = { workspaceId, executionId, nodeId: step.nodeId, fence: step.fence, attempt: call.attempt };
  const billing = billingOf(call);
  // It was written as one that may be billed when it was given up: what is known now takes the place of that.
  const forget = call.errorKind === "latency" && billing !== "unknown" ? [forgetUncounted(db, key)] : [];
  if (billing === "free") return [attempt, releaseReservation(db, key), ...forget];
  const { provider, usage, at } = call;
  const model = call.answeredModel ?? call.model;
  const priced = priceOf(execution, call);
  const entry = recordCall(db, {
    ...key,
    workflowId: execution.workflowId,
    versionId: execution.versionId,
    agentId: agent.id,
    agentRole: agent.role,
    provider,
    modelAsked: call.model,
    model,
    usage,
    priced,
    at,
  });
  return [attempt, ...forget, entry, ...addToSums(db, execution, usage, priced?.costNanoUsd ?? null)];
}

/** What a call cost, by the prices that its execution knows. `null` where tokens or price are unknown. */
export function priceOf({ prices }: Pick<RunningExecution, "prices">, call: ChainCall): PricedCall | null {
  const { provider, usage, at } = call;
  return usage === null ? null : priceCall(prices, { provider, model: call.answeredModel ?? call.model, usage, at });
}

function addToSums(
  db: Db,
  execution: Pick<RunningExecution, "workspaceId" | "executionId" | "versionId">,
  usage: ChainCall["usage"],
  costNanoUsd: number | null,
): D1PreparedStatement[] {
  const { inputTokens, outputTokens } = usage ?? { inputTokens: 0, outputTokens: 0 };
  const ofExecution = db.d1
    .prepare(
      `UPDATE executions SET cost_nano_usd = cost_nano_usd + coalesce(?5, 0), priced_calls = priced_calls + (?5 IS NOT NULL),
         unpriced_calls = unpriced_calls + (?5 IS NULL), input_tokens = input_tokens + ?3, output_tokens = output_tokens + ?4
       WHERE workspace_id = ?1 AND id = ?2 AND changes() = 1`,
    )
    .bind(execution.workspaceId, execution.executionId, inputTokens, outputTokens, costNanoUsd);
  // A version's sums are taken over when the execution ends: only what comes later is added here. Its first priced
  // call makes a late execution a priced one.
  const ofVersion = db.d1
    .prepare(
      `UPDATE versions SET input_tokens_sum = input_tokens_sum + ?4, output_tokens_sum = output_tokens_sum + ?5,
         cost_nano_usd_sum = cost_nano_usd_sum + coalesce(?6, 0),
         priced_count = priced_count + (?6 IS NOT NULL AND
           (SELECT e.priced_calls = 1 FROM executions e WHERE e.workspace_id = ?1 AND e.id = ?2))
       WHERE workspace_id = ?1 AND id = ?3 AND changes() = 1
         AND EXISTS (SELECT 1 FROM executions e WHERE e.workspace_id = ?1 AND e.id = ?2 AND e.completed_at IS NOT NULL)`,
    )
    .bind(execution.workspaceId, execution.executionId, execution.versionId, inputTokens, outputTokens, costNanoUsd);
  return [ofExecution, ofVersion];
}
