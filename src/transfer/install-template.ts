import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { IdempotencyKey } from "../db/idempotency.ts";
import { getWorkflow, type WorkflowView } from "../workflows/index.ts";
import { checkBundle } from "./check-bundle.ts";
import { writeImportedWorkflow } from "./import-bundle.ts";
import type { ImportPorts } from "./import-ports.ts";
import { TEMPLATES } from "./templates/index.ts";

/**
 * Makes a workflow out of a template, as if its file were imported: under another name when its own is taken, its
 * schedules paused, its webhooks with secrets of their own. A key that was used before answers the workflow of then.
 * Throws `template_not_found` and `idempotency_conflict`.
 */
export async function installTemplate(
  ctx: Ctx,
  ports: ImportPorts,
  { id, idempotencyKey }: { id: string; idempotencyKey?: IdempotencyKey | undefined },
): Promise<WorkflowView> {
  const template = TEMPLATES.find((each) => each.id === id);
  if (!template) {
    throw new DomainError("template_not_found", "There is no such template. GET /api/templates lists them.");
  }
  const checked = await checkBundle(ctx, ports, template.bundle);
  if (!checked.ok) throw new Error(`the template ${id} is faulty: ${JSON.stringify(checked.faults)}`);
  const { workflowId } = await writeImportedWorkflow(ctx, ports, checked.bundle, {
    firstMessage: `Installed from the template ${template.bundle.workflow.name}`,
    idempotencyKey,
  });
  return (await getWorkflow(ctx, workflowId)).view;
}
