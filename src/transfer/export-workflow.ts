import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import type { Engine } from "../executions/index.ts";
import { type GatheredBundle, gatherBundles } from "./export-bundle.ts";
import { jsonOf, streamOf, zipOf } from "./export-files.ts";
import { ONE_ARCHIVE, ONE_BUNDLE } from "./export-limits.ts";
import type { ExportOptions } from "./export-options.ts";
import { refuseSecrets } from "./refuse-secrets.ts";

interface Request {
  workflowId: string;
  options: ExportOptions;
  format: "json" | "zip";
  /** Refuses when something in it looks like a secret. */
  strict: boolean;
}

/** A file with one workflow. */
export interface WorkflowExport {
  /** What the file is to be called, without its extension. */
  name: string;
  body: ReadableStream<Uint8Array>;
  /** How many places in it look like a secret. */
  secretFindings: number;
}

/**
 * Exports one workflow. It is read whole before the first byte leaves. Throws `workflow_not_found`, and with `strict`
 * `secrets_found` with each place that looks like a secret.
 */
export async function exportWorkflow(
  ctx: Ctx,
  engine: Pick<Engine, "outputs">,
  { workflowId, options, format, strict }: Request,
): Promise<WorkflowExport> {
  const limits = format === "zip" ? ONE_ARCHIVE : ONE_BUNDLE;
  const bundle = await gatherOne(ctx, engine, { workflowId, options, limits });
  if (strict) refuseSecrets(bundle);
  return {
    name: bundle.name,
    body: streamOf(format === "zip" ? zipOf(bundle, ctx.clock.now()) : jsonOf(bundle)),
    secretFindings: bundle.findingCount,
  };
}

/** The bundle of one workflow. Throws `workflow_not_found`. */
export async function gatherOne(
  ctx: Ctx,
  engine: Pick<Engine, "outputs">,
  {
    workflowId,
    options,
    limits = ONE_BUNDLE,
  }: { workflowId: string; options: ExportOptions; limits?: typeof ONE_BUNDLE },
): Promise<GatheredBundle> {
  for await (const bundle of gatherBundles(ctx, engine, { workflowIds: [workflowId], options, limits })) return bundle;
  throw new DomainError("workflow_not_found", "There is no such workflow in this workspace.");
}
