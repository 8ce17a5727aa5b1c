import { z } from "zod";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { type IdempotencyKey, storedAnswer } from "../db/idempotency.ts";
import { ensureVersionOfDraft } from "../versions/index.ts";
import { assertInput } from "./assert-runnable.ts";
import type { Engine } from "./engine.ts";
import { type Prepared, prepareStart } from "./prepare-start.ts";
import { planSteps } from "./rules/plan-steps.ts";
import { type Alongside, writeExecution } from "./write-execution.ts";

/** Each lost race means that somebody else's write went through, so that a few tries always suffice. */
const MAX_TRIES = 5;

export interface StartRequest {
  workflowId: string;
  input: unknown;
  /** A version's id, number or tag. Left out: the draft, which is committed first where it is not yet. */
  version?: string | number | undefined;
  trigger: { type: "manual" | "schedule" | "webhook"; id: string | null };
  idempotencyKey?: IdempotencyKey | undefined;
}

const answerSchema = z.object({ executionId: z.string(), status: z.literal("queued"), versionId: z.string() });
export type Started = z.infer<typeof answerSchema>;

/**
 * Starts an execution: it and all its steps are written in one batch, then the first steps' messages are sent. A
 * crash in between loses nothing, since the sweeper sends for steps that nobody was told of.
 * Throws `workflow_not_found`, `version_not_found`, `workflow_invalid`, `input_invalid`, `provider_not_configured`,
 * `idempotency_conflict`.
 */
export async function startExecution(ctx: Ctx, engine: Engine, request: StartRequest): Promise<Started> {
  const { idempotencyKey: key } = request;
  for (let tries = 1; ; tries += 1) {
    const known = key && (await storedAnswer(ctx, key));
    if (known !== undefined) return answerSchema.parse(known);
    const prepared = await prepareStart(ctx, engine, { ...request, executionId: ctx.ids.next() });
    assertInput(prepared.definition, request.input);
    const started = await startPrepared(ctx, engine, prepared, request);
    if (started) return started;
    if (tries === MAX_TRIES) {
      throw new DomainError(
        "draft_conflict",
        "The workflow is being saved again and again. Start it once that is over.",
      );
    }
  }
}

/**
 * Starts what {@link prepareStart} found, with an input that {@link assertInput} let pass. `undefined` when the version
 * changed under our hands or the same key came twice at once: nothing was written then, and preparing again sees why.
 */
export async function startPrepared(
  ctx: Ctx,
  engine: Engine,
  prepared: Prepared,
  { input, trigger, idempotencyKey }: Pick<StartRequest, "input" | "trigger" | "idempotencyKey">,
  alongside?: Alongside,
): Promise<Started | undefined> {
  const { executionId, versionId, definition } = prepared;
  const answer = { executionId, status: "queued", versionId } as const;
  const written = await writeExecution(ctx, engine, {
    execution: { ...prepared, input, trigger, retryOf: null, settings: definition.settings },
    steps: planSteps(prepared.graph),
    before: prepared.uncommitted ? [commitDraft(ctx, prepared)] : [],
    answer,
    idempotencyKey,
    alongside,
  });
  return written ? answer : undefined;
}

function commitDraft(ctx: Ctx, { workflowId, versionId, contentHash }: Prepared): D1PreparedStatement {
  return ensureVersionOfDraft(ctx.db, {
    workspaceId: ctx.workspaceId,
    workflowId,
    versionId,
    contentHash,
    message: "Committed to be executed",
    createdBy: ctx.userId,
    now: ctx.clock.now(),
  });
}
