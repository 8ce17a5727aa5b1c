import { type CipherSettings, encrypt } from "../core/cipher.ts";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { violatesForeignKey } from "../db/transient.ts";
import type { WrittenBudget } from "./budget-inputs.ts";
import { newWebhookSecret, webhookSecretPlace } from "./budget-secret.ts";
import { type BudgetRow, viewBudgets } from "./read-budgets.ts";
import { checkWebhookUrl } from "./rules/webhook-address.ts";

export type BudgetSettings = CipherSettings & { ALLOW_LOCAL_PROVIDERS: boolean };

/** A budget as it was written, with the secret of its webhook if that was made just now. */
export async function written(ctx: Ctx, row: BudgetRow, secret: string | null): Promise<WrittenBudget> {
  const [view] = await viewBudgets(ctx, [row]);
  if (!view) throw new Error(`budget ${row.id} has no period`);
  return secret === null ? view : { ...view, webhookSecret: secret };
}

/** The scope with its workflow. Throws `invalid_fields` when they do not go together. */
export function scoped(scope: BudgetRow["scope"], workflowId: string | null): Pick<BudgetRow, "scope" | "workflowId"> {
  if (scope === "workflow" && workflowId === null)
    throw invalid("workflowId", "the workflow that it is for is missing");
  if (scope === "workspace" && workflowId !== null) throw invalid("workflowId", "goes with the scope workflow only");
  return { scope, workflowId };
}

/** Address and secret of the webhook. A secret is made with the first address of a host, and shown then only. Throws `invalid_fields`. */
export async function webhookOf(
  ctx: Ctx,
  settings: BudgetSettings,
  id: string,
  given: string | null | undefined,
  before: BudgetRow | null,
): Promise<{ columns: Pick<BudgetRow, "webhookUrl" | "webhookSecret">; secret: string | null }> {
  if (given === undefined || given === null)
    return { columns: { webhookUrl: null, webhookSecret: null }, secret: null };
  const address = checkWebhookUrl(given, { allowLocal: settings.ALLOW_LOCAL_PROVIDERS });
  if (!address.ok) throw invalid("webhookUrl", address.reason);
  // Whoever took the old host's alerts knows its secret, and must not be able to sign for the new one.
  const known = before?.webhookUrl != null && sameHost(before.webhookUrl, address.url) ? before.webhookSecret : null;
  if (known !== null) return { columns: { webhookUrl: address.url, webhookSecret: known }, secret: null };
  const secret = newWebhookSecret(ctx.ids);
  const sealed = await encrypt(settings, secret, webhookSecretPlace(ctx.workspaceId, id));
  return { columns: { webhookUrl: address.url, webhookSecret: sealed }, secret };
}

function sameHost(one: string, other: string): boolean {
  return new URL(one).host === new URL(other).host;
}

/** Runs a write that names a workflow. Throws `workflow_not_found` when there is none of that id. */
export async function refuseUnknownWorkflow<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!violatesForeignKey(error)) throw error;
    throw new DomainError("workflow_not_found", "There is no such workflow in this workspace.", {
      details: [{ path: "workflowId", message: "names no workflow of this workspace" }],
    });
  }
}

function invalid(path: string, message: string): DomainError {
  return new DomainError("invalid_fields", `The budget was not saved: ${path}: ${message}.`, {
    details: [{ path, message }],
  });
}
