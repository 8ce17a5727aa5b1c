import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type Environment, PAGES_ROOT } from "./environments.ts";
import { type Step, shown } from "./step.ts";
import type { Deployed } from "./worker.ts";
import { jsonOf, StepFailed, wrangler } from "./wrangler.ts";

const projectsSchema = z.array(z.looseObject({ "Project Name": z.string() }));
const PRODUCTION_BRANCH = "main";

/** What wrangler writes down of a deployment to Pages, a line each, where `WRANGLER_OUTPUT_FILE_PATH` says. */
const writtenSchema = z.looseObject({
  type: z.literal("pages-deploy-detailed"),
  url: z.string(),
  alias: z.string().nullish(),
  environment: z.enum(["production", "preview"]),
  production_branch: z.string().optional(),
});

/** The dashboard as a Pages project, whose service binding web/wrangler.toml names. */
export function pagesSteps({ pages }: Environment, deployed: Deployed): Step[] {
  const cwd = PAGES_ROOT;
  const list = ["pages", "project", "list", "--json"];
  // Without --force wrangler may make a Worker of it, which has no functions.
  const date = ["--compatibility-date", pages.compatibilityDate];
  const create = [
    "pages",
    "project",
    "create",
    pages.project,
    "--production-branch",
    PRODUCTION_BRANCH,
    ...date,
    "--force",
  ];
  const deploy = ["pages", "deploy", "dist", "--branch", pages.branch, "--commit-dirty=true", "--force"];
  return [
    {
      title: `Pages project ${pages.project}`,
      commands: [shown("wrangler", list), shown("wrangler", create)],
      run: async () => {
        const projects = projectsSchema.parse(jsonOf(list, await wrangler(list, { cwd })));
        if (projects.some((project) => project["Project Name"] === pages.project)) return "is there";
        await wrangler(create, { cwd });
        return "created";
      },
    },
    {
      title: "Dashboard on Pages",
      commands: [`${shown("wrangler", deploy)} (in web/)`],
      run: async () => {
        const { url, alias, environment, production_branch: branch } = await deployPages(deploy);
        // A project that somebody made by hand may have another branch: its preview is bound to the other Worker.
        if (environment !== pages.environment) {
          throw new StepFailed(
            `Pages took this for its ${environment} environment, and it belongs to ${pages.environment}: the production branch of the project ${pages.project} is ${branch ?? "another one"}, not ${PRODUCTION_BRANCH}.`,
            `Make ${PRODUCTION_BRANCH} the project's production branch at dash.cloudflare.com, or give it another name in web/wrangler.toml, and a new one is made.`,
          );
        }
        deployed.pagesUrl = alias ?? url;
        return deployed.pagesUrl;
      },
    },
  ];
}

async function deployPages(deploy: readonly string[]): Promise<z.infer<typeof writtenSchema>> {
  const folder = mkdtempSync(join(tmpdir(), "swarm-pages-"));
  const file = join(folder, "written");
  try {
    await wrangler(deploy, { cwd: PAGES_ROOT, env: { WRANGLER_OUTPUT_FILE_PATH: file } });
    const lines = readFileSync(file, "utf8").trim().split("\n");
    const [written] = lines.flatMap((line) => writtenSchema.safeParse(JSON.parse(line)).data ?? []);
    if (written) return written;
    throw new StepFailed(
      "wrangler did not say what it deployed to Pages.",
      "Look at the project at dash.cloudflare.com.",
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
