import { z } from "zod";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { type IdempotencyKey, storedAnswer } from "../db/idempotency.ts";
import { graphOf } from "../definitions/index.ts";
import { findVersion, type PinnedVersion } from "../versions/index.ts";
import { assertInput, assertProviders, assertRunnable } from "./assert-runnable.ts";
import { type FinishedStep, finishedSteps, planRetry } from "./earlier-steps.ts";
import type { Engine } from "./engine.ts";
import { readExecution } from "./read-execution.ts";
import { copyOutputs, reuseInlineOutputs } from "./reuse-outputs.ts";
import type { RetriedStep } from "./rules/plan-retry.ts";
import { savedCost } from "./saved-cost.ts";
import type { NewStep } from "./store/insert-execution.ts";
import { type Alongside, writeExecution } from "./write-execution.ts";

export interface RetryRequest {
  executionId: string;
  /** A version's id, number or tag. Left out: the one that the execution ran. */
  version?: string | number | undefined;
  idempotencyKey?: IdempotencyKey | undefined;
  /** What else the batch does that writes the new execution, by its id. */
  alongside?: (executionId: string) => Alongside;
}

const answerSchema = z.object({
  executionId: z.string(),
  status: z.literal("queued"),
  versionId: z.string(),
  reusedSteps: z.number(),
  savedCostNanoUsd: z.number().nullable(),
});
export type Retried = z.infer<typeof answerSchema>;

/**
 * Runs an execution again as a new one, linked by `retryOf`: what succeeded is taken over with its outputs, the rest
 * runs. Under another version only steps are taken over whose agent, incoming edges and inputs are the same.
 * Throws `execution_not_found`, `execution_running`, `execution_imported`, `nothing_to_retry`, and what starting an execution throws.
 */
export async function retryExecution(ctx: Ctx, engine: Engine, request: RetryRequest): Promise<Retried> {
  const { idempotencyKey } = request;
  const known = idempotencyKey && (await storedAnswer(ctx, idempotencyKey));
  if (known !== undefined) return answerSchema.parse(known);

  const earlier = await readExecution(ctx, request.executionId);
  if (earlier.status === "queued" || earlier.status === "running") {
    throw new DomainError(
      "execution_running",
      "The execution is still under way. Cancel it first, or wait for its end.",
    );
  }
  if (earlier.imported === 1) {
    throw new DomainError(
      "execution_imported",
      "This execution came with an imported workflow and never ran here. Execute the workflow with its input instead.",
    );
  }
  const executionId = ctx.ids.next();
  const ran = await findVersion(ctx, earlier.workflowId, earlier.versionId);
  const runs =
    request.version === undefined ? ran : await findVersion(ctx, earlier.workflowId, request.version, executionId);
  const input: unknown = JSON.parse(earlier.input);
  await assertStartable(ctx, engine, runs, input);

  const finished = await finishedSteps(ctx, request.executionId);
  const before = { executionId: request.executionId, finished, ran: ran.definition, input };
  const plan = await planRetry(ctx, engine, before, runs.definition);
  const reused = plan.filter((step) => step.status === "succeeded").map((step) => step.nodeId);
  if (!plan.some((step) => step.status === "ready")) {
    throw new DomainError(
      "nothing_to_retry",
      "Every step of the execution has succeeded. Execute the workflow to run it afresh.",
    );
  }

  const saved = await savedCost(ctx, request.executionId, reused);
  const answer: Retried = {
    executionId,
    status: "queued",
    versionId: runs.id,
    reusedSteps: reused.length,
    savedCostNanoUsd: saved,
  };
  const written = await writeExecution(ctx, engine, {
    execution: {
      executionId,
      workflowId: earlier.workflowId,
      versionId: runs.id,
      contentHash: runs.contentHash,
      trigger: { type: "retry", id: request.executionId },
      retryOf: request.executionId,
      reusedSteps: reused.length,
      input,
      settings: runs.definition.settings,
    },
    steps: await newSteps(ctx, engine, executionId, runs, plan, finished),
    before: [],
    after: [reuseInlineOutputs(ctx, executionId, request.executionId)],
    answer,
    idempotencyKey,
    alongside: request.alongside?.(executionId),
  });
  return written ? answer : retryExecution(ctx, engine, request);
}

async function assertStartable(ctx: Ctx, engine: Engine, version: PinnedVersion, input: unknown): Promise<void> {
  assertRunnable(version);
  assertInput(version.definition, input);
  await assertProviders(engine, ctx.workspaceId, version.definition);
}

async function newSteps(
  ctx: Ctx,
  engine: Engine,
  executionId: string,
  version: PinnedVersion,
  plan: readonly RetriedStep[],
  finished: ReadonlyMap<string, FinishedStep>,
): Promise<NewStep[]> {
  const { agentOf } = graphOf(version.definition);
  const reused = plan.filter((step) => step.status === "succeeded");
  const copies = await copyOutputs(
    ctx,
    engine,
    executionId,
    new Map(
      reused.flatMap(({ nodeId }) => {
        const key = finished.get(nodeId)?.outputKey ?? null;
        return key === null ? [] : [[nodeId, key] as const];
      }),
    ),
  );
  return plan.flatMap(({ edgesTaken, ...step }) => {
    const agent = agentOf.get(step.nodeId);
    if (!agent) return [];
    const { id: agentId, name, provider, model } = agent;
    const before = step.status === "succeeded" ? finished.get(step.nodeId) : undefined;
    if (!before) return { ...step, agentId, name, provider, model };
    const { provider: providerBefore, model: modelBefore, startedAt } = before;
    const outputKey = copies.get(step.nodeId) ?? null;
    return { ...step, agentId, name, provider: providerBefore, model: modelBefore, edgesTaken, startedAt, outputKey };
  });
}
