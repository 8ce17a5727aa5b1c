import { z } from "zod";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { type IdempotencyKey, storedAnswer } from "../db/idempotency.ts";
import { graphOf } from "../definitions/index.ts";
import { ensureVersionOfDraft, findVersion, type PinnedVersion } from "../versions/index.ts";
import { getWorkflow } from "../workflows/index.ts";
import { assertInput, assertProviders, assertRunnable } from "./assert-runnable.ts";
import type { Engine } from "./engine.ts";
import { planSteps } from "./rules/plan-steps.ts";
import { writeExecution } from "./write-execution.ts";

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
    const started = await tryToStart(ctx, engine, request);
    if (started) return started;
    if (tries === MAX_TRIES) {
      throw new DomainError(
        "draft_conflict",
        "The workflow is being saved again and again. Start it once that is over.",
      );
    }
  }
}

/** `undefined` when the version changed under our hands or the same key came twice at once: nothing was written. */
async function tryToStart(ctx: Ctx, engine: Engine, request: StartRequest): Promise<Started | undefined> {
  const executionId = ctx.ids.next();
  const pinned = await pin(ctx, request, executionId);
  assertRunnable(pinned);
  assertInput(pinned.definition, request.input);
  await assertProviders(engine, ctx.workspaceId, pinned.definition);

  const answer = { executionId, status: "queued", versionId: pinned.versionId } as const;
  const written = await writeExecution(ctx, engine, {
    execution: { ...request, ...pinned, executionId, retryOf: null, settings: pinned.definition.settings },
    steps: planSteps(graphOf(pinned.definition)),
    before: pinned.uncommitted ? [commitDraft(ctx, request, pinned)] : [],
    answer,
    idempotencyKey: request.idempotencyKey,
  });
  return written ? answer : undefined;
}

interface Pinned extends Pick<PinnedVersion, "contentHash" | "definition" | "losses"> {
  versionId: string;
  /** The draft is in no version yet: one with this id is made. */
  uncommitted: boolean;
}

/** What to run: the version asked for, or the draft. */
async function pin(ctx: Ctx, request: StartRequest, executionId: string): Promise<Pinned> {
  const { definition, losses, draftHash, headHash, view } = await getWorkflow(ctx, request.workflowId);
  if (request.version !== undefined) {
    const version = await findVersion(ctx, request.workflowId, request.version, executionId);
    return {
      versionId: version.id,
      contentHash: version.contentHash,
      definition: version.definition,
      losses: version.losses,
      uncommitted: false,
    };
  }
  const committed = headHash === draftHash ? view.headVersion : null;
  return {
    versionId: committed?.id ?? ctx.ids.next(),
    contentHash: draftHash,
    definition,
    losses,
    uncommitted: committed === null,
  };
}

function commitDraft(ctx: Ctx, request: StartRequest, pinned: Pinned): D1PreparedStatement {
  return ensureVersionOfDraft(ctx.db, {
    workspaceId: ctx.workspaceId,
    workflowId: request.workflowId,
    versionId: pinned.versionId,
    contentHash: pinned.contentHash,
    message: "Committed to be executed",
    createdBy: ctx.userId,
    now: ctx.clock.now(),
  });
}
