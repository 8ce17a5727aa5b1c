import { z } from "zod";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { type IdempotencyKey, storedAnswer } from "../db/idempotency.ts";
import { type Definition, graphOf } from "../definitions/index.ts";
import { findVersion, type PinnedVersion } from "../versions/index.ts";
import { assertInput, assertProviders, assertRunnable } from "./assert-runnable.ts";
import { earlierSteps, type FinishedStep, finishedSteps } from "./earlier-steps.ts";
import type { Engine } from "./engine.ts";
import { outputKey } from "./outputs.ts";
import { readExecution } from "./read-execution.ts";
import { type EarlierStep, planRetry, type RetriedStep } from "./rules/plan-retry.ts";
import { savedCost } from "./saved-cost.ts";
import type { NewStep } from "./store/insert-execution.ts";
import { writeExecution } from "./write-execution.ts";

export interface RetryRequest {
  executionId: string;
  /** A version's id, number or tag. Left out: the one that the execution ran. */
  version?: string | number | undefined;
  idempotencyKey?: IdempotencyKey | undefined;
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
 * Throws `execution_not_found`, `execution_running`, `nothing_to_retry`, and what starting an execution throws.
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
  const executionId = ctx.ids.next();
  const ran = await findVersion(ctx, earlier.workflowId, earlier.versionId);
  const runs =
    request.version === undefined ? ran : await findVersion(ctx, earlier.workflowId, request.version, executionId);
  const input: unknown = JSON.parse(earlier.input);
  await assertStartable(ctx, engine, runs.definition, input);

  const finished = await finishedSteps(ctx, engine, request.executionId);
  const settled = earlierSteps(finished, ran.definition, runs.definition, input);
  const plan = planRetry(graphOf(runs.definition), settled);
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
    steps: await newSteps(ctx, engine, executionId, runs, plan, finished, settled),
    before: [],
    answer,
    idempotencyKey,
  });
  return written ? answer : retryExecution(ctx, engine, request);
}

async function assertStartable(ctx: Ctx, engine: Engine, definition: Definition, input: unknown): Promise<void> {
  assertRunnable(definition);
  assertInput(definition, input);
  await assertProviders(engine, ctx.workspaceId, definition);
}

async function newSteps(
  ctx: Ctx,
  engine: Engine,
  executionId: string,
  version: PinnedVersion,
  plan: readonly RetriedStep[],
  finished: ReadonlyMap<string, FinishedStep>,
  settled: ReadonlyMap<string, EarlierStep>,
): Promise<NewStep[]> {
  const { agentOf } = graphOf(version.definition);
  const steps: NewStep[] = [];
  for (const step of plan) {
    const agent = agentOf.get(step.nodeId);
    if (!agent) continue;
    const { id: agentId, name, provider, model } = agent;
    const fresh = { ...step, agentId, name, provider, model };
    const before = step.status === "succeeded" ? finished.get(step.nodeId) : undefined;
    if (!before) {
      steps.push(fresh);
      continue;
    }
    const { startedAt } = before;
    const edgesTaken = settled.get(step.nodeId)?.edgesTaken ?? [];
    if (before.outputKey === null) {
      steps.push({
        ...fresh,
        provider: before.provider,
        model: before.model,
        edgesTaken,
        startedAt,
        output: before.output,
      });
      continue;
    }
    // An object belongs to one execution and goes with it: a retry has a copy of its own.
    const key = outputKey(ctx.workspaceId, executionId, step.nodeId, 0);
    await engine.outputs.put(key, before.output);
    steps.push({ ...fresh, provider: before.provider, model: before.model, edgesTaken, startedAt, outputKey: key });
  }
  return steps;
}
