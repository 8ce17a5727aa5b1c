import type { Definition } from "../definitions/index.ts";
import { definitionOut } from "./bundle.ts";
import type { StoredDraft } from "./export-drafts.ts";
import { scrubObject, templateOf } from "./export-template.ts";
import { type ScheduleOut, templateSchedules, templateWebhooks, type WebhookOut } from "./export-triggers.ts";
import { scrubText } from "./rules/anonymize.ts";
import { BUNDLE_VERSION } from "./rules/bundle-version.ts";

interface CoreParts {
  /** ISO 8601. */
  exportedAt: string;
  definition: Definition;
  /** `null` when they were not asked for. */
  schedules: readonly ScheduleOut[] | null;
  webhooks: readonly WebhookOut[] | null;
  /** What the bundle lacks of what was asked for: counts by list, and fields that were not understood. */
  omitted: Record<string, number | string[]>;
}

/** A bundle but for its history. */
export function coreOf(draft: StoredDraft, { exportedAt, definition, schedules, webhooks, omitted }: CoreParts) {
  const { nodes, edges, agents, settings } = definitionOut(definition);
  const { id, name, description, head } = draft;
  const headVersion = head === null ? undefined : { version: head.version, contentHash: head.contentHash };
  return {
    version: BUNDLE_VERSION,
    exportedAt,
    workflow: { id, name, description, nodes, edges, settings, headVersion },
    agents,
    ...(schedules === null ? {} : { schedules }),
    ...(webhooks === null ? {} : { webhooks }),
    ...(Object.keys(omitted).length === 0 ? {} : { omitted }),
  };
}

/** A bundle as a template. It has no history. */
export function templateCoreOf(draft: StoredDraft, parts: CoreParts) {
  const { exportedAt, schedules, webhooks, omitted } = parts;
  const { nodes, edges, agents, settings } = templateOf(definitionOut(parts.definition));
  const description = draft.description === null ? null : scrubText(draft.description);
  return {
    version: BUNDLE_VERSION,
    exportedAt,
    workflow: { name: scrubText(draft.name), description, nodes, edges, settings },
    agents,
    ...(schedules === null ? {} : { schedules: templateSchedules(schedules).map((each) => scrubObject(each)) }),
    ...(webhooks === null ? {} : { webhooks: templateWebhooks(webhooks).map((each) => scrubObject(each)) }),
    ...(Object.keys(omitted).length === 0 ? {} : { omitted }),
  };
}
