import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { pausedSettings, type ScheduleSettings } from "../schedules/index.ts";
import { newWebhookRow } from "../webhooks/index.ts";
import type { ImportPorts } from "./import-ports.ts";
import { conditionAt, lookedAt } from "./import-references.ts";
import type { Note } from "./import-results.ts";
import type { ImportBundle } from "./import-schema.ts";
import type { VersionRows } from "./import-versions.ts";
import type { Row } from "./insert-rows.ts";

interface Target {
  workflowId: string;
  versions: VersionRows;
  /** The id here of a workflow that the file names by its id elsewhere; undefined for one that is not known (yet). */
  workflowHere(sourceId: string): string | undefined;
}

/** A schedule that names a workflow which is not here yet. Workflows go by their ids where they were exported. */
export interface WaitingSchedule {
  /** Where it stands in the file. */
  path: string;
  /** What it runs after. */
  after: string | null;
  /** What its condition looks at. */
  looksAt: string | null;
  row: Row;
}

export interface TriggerRows {
  schedules: Row[];
  waiting: WaitingSchedule[];
  webhooks: Row[];
  warnings: Note[];
}

/**
 * The schedules of a bundle, paused, and its webhooks with new secrets. What was pinned to a version that the file does
 * not hold is left without one and disabled: it must not run something else.
 */
export async function triggerRows(
  ctx: Ctx,
  ports: ImportPorts,
  bundle: ImportBundle,
  target: Target,
): Promise<TriggerRows> {
  const rows: TriggerRows = { schedules: [], waiting: [], webhooks: [], warnings: [] };
  const pin = pinner(target.versions, bundle, rows.warnings);
  const now = ctx.clock.now();
  bundle.schedules.forEach((given, place) => {
    const path = `schedules[${place}]`;
    const settings = scheduleSettings(given, now);
    const pinned = pin(`${path}.version`, settings.version);
    const row = scheduleRow(ctx, settings, { ...pinned, workflowId: target.workflowId, now });
    const after = settings.afterWorkflowId;
    const looksAt = lookedAt(settings.condition);
    const here = looksAt === null ? undefined : target.workflowHere(looksAt);
    if (after !== null || (looksAt !== null && here === undefined)) rows.waiting.push({ path, after, looksAt, row });
    else rows.schedules.push(here === undefined ? row : { ...row, condition: conditionAt(settings.condition, here) });
  });
  for (const [place, given] of bundle.webhooks.entries()) {
    const path = `webhooks[${place}]`;
    const { version, ...input } = given;
    if (input.signature && "secret" in input.signature && input.signature.secret !== undefined) {
      rows.warnings.push({
        path: `${path}.signature.secret`,
        message: "secrets are not imported: set the sender's again",
      });
    }
    const pinned = pin(`${path}.version`, version === undefined || version === null ? null : String(version));
    rows.webhooks.push(await webhookRow(ctx, ports, input, { ...pinned, workflowId: target.workflowId }));
  }
  return rows;
}

/** The faults of a bundle's schedules and webhooks that their shapes do not show. */
export async function triggerFaults(ctx: Ctx, ports: ImportPorts, bundle: ImportBundle): Promise<Note[]> {
  const faults: Note[] = [];
  const collect = async (path: string, check: () => unknown) => {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const details = error.details.length > 0 ? error.details : [{ path: "", message: error.message }];
      faults.push(
        ...details.map((each) => ({ path: [path, each.path].filter(Boolean).join("."), message: each.message })),
      );
    }
  };
  for (const [place, given] of bundle.schedules.entries()) {
    await collect(`schedules[${place}]`, () => scheduleSettings(given, ctx.clock.now()));
  }
  for (const [place, given] of bundle.webhooks.entries()) {
    await collect(`webhooks[${place}]`, () => newWebhookRow(ctx, ports.settings, "", given));
  }
  return faults;
}

function scheduleSettings(given: ImportBundle["schedules"][number], now: number): ScheduleSettings {
  return pausedSettings(given, now);
}

interface Pinned {
  version: string | null;
  pinnedVersionId: string | null;
  /** What it named is not in the file. */
  lost: boolean;
}

function pinner({ idOf, tags }: VersionRows, bundle: ImportBundle, warnings: Note[]) {
  const known = new Set(tags.map(({ tag }) => tag));
  return (path: string, version: string | null): Pinned => {
    if (version === null) return { version, pinnedVersionId: null, lost: false };
    const numbered = /^[1-9]\d{0,14}$/.test(version) ? idOf.get(Number(version)) : undefined;
    if (numbered) return { version, pinnedVersionId: numbered.id, lost: false };
    if (known.has(version)) return { version, pinnedVersionId: null, lost: false };
    const advice = bundle.versions.length === 0 ? ": export it with its versions" : "";
    warnings.push({
      path,
      message: `the file holds no version ${version}${advice}. It runs the draft, and is disabled until you look at it`,
    });
    return { version: null, pinnedVersionId: null, lost: true };
  };
}

function scheduleRow(ctx: Ctx, settings: ScheduleSettings, of: Pinned & { workflowId: string; now: number }): Row {
  return {
    id: ctx.ids.next(),
    workflow_id: of.workflowId,
    cron_expression: settings.cronExpression,
    timezone: settings.timezone,
    enabled: 0,
    input: settings.input,
    version: of.version,
    pinned_version_id: of.pinnedVersionId,
    dst_gap: settings.dstGap,
    dst_overlap: settings.dstOverlap,
    overlap: settings.overlap,
    catch_up: settings.catchUp,
    start_at: settings.startAt,
    end_at: settings.endAt,
    jitter_seconds: settings.jitterSeconds,
    condition: settings.condition,
    after_workflow_id: null,
    pause_after_failures: settings.pauseAfterFailures,
    max_retries: settings.maxRetries,
    retry_delay_seconds: settings.retryDelaySeconds,
    next_run_at: null,
    created_at: of.now,
    updated_at: of.now,
  };
}

async function webhookRow(
  ctx: Ctx,
  ports: ImportPorts,
  given: ImportBundle["webhooks"][number],
  of: Pinned & { workflowId: string },
): Promise<Row> {
  const row = await newWebhookRow(ctx, ports.settings, of.workflowId, given);
  return {
    id: row.id,
    workflow_id: row.workflowId,
    enabled: of.lost ? 0 : row.enabled,
    secret_hash: row.secretHash,
    secret: row.secret,
    ip_whitelist: row.ipWhitelist,
    payload_transformer: row.payloadTransformer,
    signature: row.signature,
    signing_secret: null,
    rate_limit: row.rateLimit,
    rate_window_seconds: row.rateWindowSeconds,
    rotate_after_days: row.rotateAfterDays,
    rotate_at: row.rotateAt,
    version: of.version,
    pinned_version_id: of.pinnedVersionId,
    created_by: row.createdBy,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  };
}
