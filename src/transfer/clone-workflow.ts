import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { IdempotencyKey } from "../db/idempotency.ts";
import type { Engine } from "../executions/index.ts";
import { getWorkflow } from "../workflows/index.ts";
import { checkBundle } from "./check-bundle.ts";
import { gatherOne } from "./export-workflow.ts";
import { writeImportedWorkflow } from "./import-bundle.ts";
import type { ImportPorts } from "./import-ports.ts";

const OPTIONS = {
  ...{ includeSchedules: true, includeWebhooks: true },
  ...{ includeExecutions: false, includeKnowledge: false, includeVersions: false, anonymize: false },
};

interface CloneRequest {
  workflowId: string;
  name?: string | undefined;
  idempotencyKey?: IdempotencyKey | undefined;
}

/**
 * Makes a workflow of another one's draft, with its schedules paused and its webhooks disabled and with secrets of
 * their own. It begins a history of its own; what agents know belongs to the workspace, and so to it as well. A name that
 * is taken gets a number behind it. Throws `workflow_not_found` and `idempotency_conflict`.
 */
export async function cloneWorkflow(
  ctx: Ctx,
  ports: ImportPorts & Pick<Engine, "outputs">,
  { workflowId, name, idempotencyKey }: CloneRequest,
) {
  const { core } = await gatherOne(ctx, ports, { workflowId, options: OPTIONS });
  const checked = await checkBundle(ctx, ports, JSON.parse(JSON.stringify(core)));
  if (!checked.ok) {
    throw new DomainError("workflow_invalid", "The workflow cannot be cloned as it is. See details for each fault.", {
      details: checked.faults,
    });
  }
  const { bundle } = checked;
  const clone = {
    ...bundle,
    workflow: { ...bundle.workflow, name: name ?? bundle.workflow.name },
    webhooks: bundle.webhooks.map((webhook) => ({ ...webhook, enabled: false })),
  };
  const firstMessage = `Cloned from ${bundle.workflow.name}`;
  const written = await writeImportedWorkflow(ctx, ports, clone, { firstMessage, idempotencyKey });
  return (await getWorkflow(ctx, written.workflowId)).view;
}
