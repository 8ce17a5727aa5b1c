import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { DomainError, type ErrorDetail } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { choosePin, pinExpression } from "../executions/index.ts";
import type { SignatureInput, WebhookInput } from "./inputs.ts";
import { type Mapping, validateMapping } from "./mapping.ts";
import { parseAllowlist } from "./rules/address.ts";
import { webhooks } from "./schema.ts";

export const storedAddresses = z.array(z.string());
export const storedMapping = z.record(z.string(), z.string()).nullable();

/** Neither ids nor tags look like the number of a version. */
export const IS_NUMBER = /^[1-9]\d{0,14}$/;

/** The row of a webhook of the workspace. Throws `webhook_not_found`. */
export async function readWebhook(ctx: Ctx, webhookId: string): Promise<typeof webhooks.$inferSelect> {
  const [row] = await ctx.db.orm.select().from(webhooks).where(ofWebhook(ctx, webhookId));
  if (!row) throw webhookNotFound();
  return row;
}

export function ofWebhook(ctx: Ctx, webhookId: string) {
  return and(eq(webhooks.workspaceId, ctx.workspaceId), eq(webhooks.id, webhookId));
}

export function webhookNotFound(): DomainError {
  return new DomainError("webhook_not_found", "There is no such webhook in this workspace.");
}

/** The addresses of an input as they are stored: one way to write each. Throws `invalid_fields` with each that is none. */
export function storableAddresses(ipWhitelist: readonly string[]): string {
  const list = parseAllowlist(ipWhitelist);
  if (!list.ok) throw invalid("Some addresses cannot be used.", list.faults);
  return JSON.stringify(list.entries);
}

/** The mapping of an input as it is stored. Throws `invalid_fields` with each field that cannot be evaluated. */
export function storableMapping(mapping: Mapping | null): string | null {
  assertMapping(mapping);
  return mapping === null ? null : JSON.stringify(mapping);
}

/** Throws `invalid_fields` with each field of a mapping that cannot be evaluated. */
export function assertMapping(mapping: Mapping | null): void {
  const faults = mapping === null ? [] : validateMapping(mapping);
  if (faults.length > 0) throw invalid("Some fields of the mapping cannot be used.", faults);
}

/** A signature as it is stored, without its secret. */
export function storableSignature(signature: SignatureInput): string {
  const { secret: _, ...scheme } = { secret: undefined, ...signature };
  return JSON.stringify(scheme);
}

/** Which version a webhook runs, as it is stored. */
interface PinnedColumns {
  /** As it was given: an id, a number or a tag. `null` for the draft. */
  version: string | null;
  /** Where that is an id or a number: such a version is neither amended nor pruned. */
  pinnedVersionId: string | null;
}

/**
 * A pinned version as it is stored. Throws `version_not_found` for one that the workflow does
 * not have: every call would be refused.
 */
export async function storableVersion(
  ctx: Ctx,
  workflowId: string,
  version: WebhookInput["version"],
): Promise<PinnedColumns> {
  if (version === undefined || version === null) return { version: null, pinnedVersionId: null };
  const text = String(version);
  const row = await ctx.db.d1
    .prepare(`SELECT ${pinExpression({ workspace: "?1", workflow: "?2", version: "?3" })} AS pin`)
    .bind(ctx.workspaceId, workflowId, text)
    .first("pin");
  const choice = await choosePin(z.string().parse(row), "");
  if (choice.kind === "committed") {
    const { versionId } = choice.pin;
    const named = text === versionId || IS_NUMBER.test(text);
    return { version: text, pinnedVersionId: named ? versionId : null };
  }
  const message = `This workflow has no version and no tag ${text}. GET its versions to see what there is.`;
  throw new DomainError("version_not_found", message);
}

function invalid(message: string, details: readonly ErrorDetail[]): DomainError {
  return new DomainError("invalid_fields", `${message} See details for each.`, { details });
}
