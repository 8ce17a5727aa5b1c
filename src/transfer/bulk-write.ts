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
import { shareOfBulk } from "./export-limits.ts";
import { refuseSecrets } from "./refuse-secrets.ts";
import { ARCHIVE_LIMITS } from "./rules/archive-limits.ts";
import { BUNDLE_VERSION } from "./rules/bundle-version.ts";
import { slugOf } from "./rules/file-name.ts";
import { ZipWriter } from "./zip-writer.ts";

/** The list of files at the archive's end and its manifest, for 5,000 workflows. */
const DIRECTORY_BYTES = 2 * 1024 * 1024;

/**
 * Writes the archive of a bulk export into an upload, one workflow after the other: `workflows/N-NAME.json` each, and
 * `manifest.json` with their names and paths. Workflows that are gone by now are left out. Throws `secrets_found` when
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
  const limits = shareOfBulk(Math.max(workflowIds.length, 1));
  const listed: { name: string; path: string }[] = [];
  let secretFindings = 0;
  let toldAt = now;
  const pour = async (chunks: Iterable<Uint8Array>) => {
    for (const chunk of chunks) await upload.write(chunk);
  };
  for (const page of pagesOf(await readSizes(ctx, workflowIds, workflowIds.length))) {
    for await (const bundle of gatherBundles(ctx, engine, { workflowIds: page, options, limits })) {
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
      refuseMoreBytes(zip);
    }
  }
  const manifest = { version: BUNDLE_VERSION, exportedAt: isoTime(now), workflows: listed };
  await pour(zip.add("manifest.json", () => [new TextEncoder().encode(JSON.stringify(manifest))]));
  await pour(zip.end());
  return { done: listed.length, secretFindings };
}

/** As many workflows at once as memory takes: each page is a few queries, whatever is on it. */
function* pagesOf(sizes: readonly WorkflowSize[]): Generator<string[]> {
  let page: string[] = [];
  let characters = 0;
  for (const { id, bytes } of sizes) {
    if (page.length > 0 && (page.length === PAGE_WORKFLOWS || characters + bytes > PAGE_CHARACTERS)) {
      yield page;
      page = [];
      characters = 0;
    }
    page.push(id);
    characters += bytes;
  }
  if (page.length > 0) yield page;
}

/** What no import would take is no backup: it is told while there is still something to be done about it. */
export function refuseMoreBytes({ packedBytes, unpackedBytes }: Pick<ZipWriter, "packedBytes" | "unpackedBytes">) {
  if (packedBytes <= ARCHIVE_LIMITS.compressed - DIRECTORY_BYTES && unpackedBytes <= ARCHIVE_LIMITS.inflated) return;
  throw new DomainError(
    "export_too_large",
    "These workflows make a larger file than an import takes: 50 MB, or 200 MB unpacked. Export fewer at a time, or leave executions, versions or knowledge out.",
  );
}

function refuseMoreQueries(ctx: Ctx): void {
  if (ctx.db.usage.queries <= QUERY_BUDGET) return;
  throw new DomainError(
    "export_too_large",
    "These workflows have more history than one export can read. Export fewer at a time, or leave executions, versions or knowledge out.",
  );
}
