import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WEB_DIR } from "../local/paths.ts";
import { type Environment, PAGES_ROOT } from "./environments.ts";
import type { Step } from "./step.ts";
import { buildStep } from "./worker.ts";
import { wrangler } from "./wrangler.ts";

/** Has wrangler bundle the Worker and the Pages function as it would for the real thing, without asking anybody. */
export async function bundleOffline({ name }: Environment): Promise<void> {
  if (!existsSync(join(WEB_DIR, "index.html"))) await buildStep().run();
  const outdir = mkdtempSync(join(tmpdir(), "swarm-deploy-"));
  try {
    await wrangler(["deploy", "--dry-run", "--env", name, "--outdir", join(outdir, "worker")]);
    await wrangler(["pages", "functions", "build", "--outdir", join(outdir, "pages")], { cwd: PAGES_ROOT });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The steps as a numbered list, each with its commands. */
export function listed(steps: readonly Step[]): string {
  return steps
    .map(({ title, commands }, index) =>
      [`${index + 1}. ${title}`, ...commands.map((line) => `     ${line}`)].join("\n"),
    )
    .join("\n");
}
