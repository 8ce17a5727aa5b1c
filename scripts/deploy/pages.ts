import { z } from "zod";
import { type Environment, PAGES_ROOT } from "./environments.ts";
import { type Step, shown } from "./step.ts";
import type { Deployed } from "./worker.ts";
import { jsonOf, wrangler } from "./wrangler.ts";

const projectsSchema = z.array(z.looseObject({ "Project Name": z.string() }));
const PRODUCTION_BRANCH = "main";

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
        const { output } = await wrangler(deploy, { cwd });
        const at = /Deployment alias URL: (\S+)/.exec(output) ?? /peek over at (\S+)/.exec(output);
        if (at?.[1] !== undefined) deployed.pagesUrl = at[1];
        return at?.[1] ?? "deployed";
      },
    },
  ];
}
