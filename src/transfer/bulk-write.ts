import { isoTime } from "../core/clock.ts";
import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { Engine } from "../executions/index.ts";
import { PAGE_CHARACTERS, PAGE_WORKFLOWS, PROGRESS_MS, QUERY_BUDGET } from "./bulk-limits.ts";
import { type ClaimedExport, type Progress, saveProgress } from "./bulk-progress.ts";
import type { BulkUpload } from "./bulk-upload.ts";
import { gatherBundles } from "./export-bundle.ts";
import { readSizes, type WorkflowSize } from "./export-drafts.ts";
import { jsonOf } from "./export-files.ts";
import { isTooLarge, roomForHistory, shareOfBulk } from "./export-limits.ts";
import { refuseSecrets } from "./refuse-secrets.ts";
import { BUNDLE_VERSION } from "./rules/bundle-version.ts";
import { slugOf } from "./rules/file-name.ts";
import { ZipWriter } from "./zip-writer.ts";

/**
 * Writes the archive of a bulk export into an upload, one workflow after the other: `workflows/N-NAME.json` each, and
 * `manifest.json` with their names and paths. Workflows that are gone by now are left out, and of history what would make the file too large for an import. Throws `secrets_found` when
 * it is to be strict, and `export_too_large` when D1 would refuse to be asked any more or the file would outgrow an import.
 */
export async function writeArchive(
  ctx: Ctx,
  engine: Engine,
  claimed: ClaimedExport,
  upload: BulkUpload,
): Promise<Progress> {
  const { options, workflowIds } = claimed;
  const now = ctx.clock.now();
  const zip = new ZipWriter(now);
  const listed: { name: string; path: string }[] = [];
  let secretFindings = 0;
  let toldAt = now;
  const pour = async (chunks: Iterable<Uint8Array>) => {
    for (const chunk of chunks) await upload.write(chunk);
  };
  const sizes = await readSizes(ctx, workflowIds, workflowIds.length);
  const ahead = { workflows: sizes.length, characters: sizes.reduce((sum, { bytes }) => sum + bytes, 0) };
  for (const page of pagesOf(sizes)) {
    const limits = shareOfBulk(sizes.length, roomForHistory(zip, ahead));
    ahead.workflows -= page.workflowIds.length;
    ahead.characters -= page.characters;
    for await (const bundle of gatherBundles(ctx, engine, { workflowIds: page.workflowIds, options, limits })) {
      const path = `workflows/${listed.length + 1}-${slugOf(bundle.name)}.json`;
      if (options.strict) refuseSecrets(bundle, path);
      await pour(zip.add(path, () => jsonOf(bundle)));
      listed.push({ name: bundle.name, path });
      secretFindings += bundle.findingCount;
      if (ctx.clock.now() - toldAt >= PROGRESS_MS) {
        await saveProgress(engine, claimed, { done: listed.length, secretFindings });
        toldAt = ctx.clock.now();
      }
      refuseMoreQueries(ctx);
      if (isTooLarge(zip)) throw tooLarge();
    }
  }
  const manifest = { version: BUNDLE_VERSION, exportedAt: isoTime(now), workflows: listed };
  await pour(zip.add("manifest.json", () => [new TextEncoder().encode(JSON.stringify(manifest))]));
  await pour(zip.end());
  return { done: listed.length, secretFindings };
}

/** As many workflows at once as memory takes: each page is a few queries, whatever is on it. */
function* pagesOf(sizes: readonly WorkflowSize[]): Generator<{ workflowIds: string[]; characters: number }> {
  let workflowIds: string[] = [];
  let characters = 0;
  for (const { id, bytes } of sizes) {
    if (workflowIds.length > 0 && (workflowIds.length === PAGE_WORKFLOWS || characters + bytes > PAGE_CHARACTERS)) {
      yield { workflowIds, characters };
      workflowIds = [];
      characters = 0;
    }
    workflowIds.push(id);
    characters += bytes;
  }
  if (workflowIds.length > 0) yield { workflowIds, characters };
}

/** What no import would take is no backup: it is told while there is still something to be done about it. */
function tooLarge(): DomainError {
  return new DomainError(
    "export_too_large",
    "These workflows make a larger file than an import takes, even without their history: 50 MB, or 200 MB unpacked. Export fewer at a time.",
  );
}

function refuseMoreQueries(ctx: Ctx): void {
  if (ctx.db.usage.queries <= QUERY_BUDGET) return;
  throw new DomainError(
    "export_too_large",
    "These workflows have more history than one export can read. Export fewer at a time, or leave executions, versions or knowledge out.",
  );
}
