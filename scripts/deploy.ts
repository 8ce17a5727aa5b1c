import { parseArgs } from "node:util";
import { accountStep } from "./deploy/account.ts";
import { answersStep } from "./deploy/answers.ts";
import { faultsOf } from "./deploy/check-config.ts";
import { bundleOffline, listed } from "./deploy/dry-run.ts";
import {
  declaredBindings,
  ENVIRONMENTS,
  type Environment,
  readEnvironment,
  readLocalConfig,
} from "./deploy/environments.ts";
import { refuseUnusableSettings } from "./deploy/given-settings.ts";
import { pagesSteps } from "./deploy/pages.ts";
import { resourceSteps } from "./deploy/resources.ts";
import { sayFault } from "./deploy/say-fault.ts";
import { secretsStep } from "./deploy/secrets.ts";
import { firstAccountAdvice } from "./deploy/setup-token.ts";
import type { Step } from "./deploy/step.ts";
import { buildStep, type Deployed, migrationsStep, registeredStep, workerStep } from "./deploy/worker.ts";
import { StepFailed } from "./deploy/wrangler.ts";

/**
 * Deploys everything to Cloudflare: `npm run deploy -- [--env production|staging] [--dry-run]`. Each step finds out first
 * whether it is done, so that running it again goes on after a fault and changes nothing that is as it should be. With
 * `--dry-run` nobody is asked: it checks the configuration and shows the steps, of both environments unless one is named.
 */
const USAGE = "npm run deploy -- [--env production|staging] [--dry-run]";

try {
  const { values } = parseArgs({ options: { env: { type: "string" }, "dry-run": { type: "boolean" } } });
  const named = ENVIRONMENTS.find((name) => name === values.env);
  if (values.env !== undefined && named === undefined) {
    throw new StepFailed(`There is no environment ${values.env}.`, USAGE);
  }
  const dryRun = values["dry-run"] === true;
  refuseUnusableSettings();
  const names = named ? [named] : dryRun ? ENVIRONMENTS : (["production"] as const);
  for (const environment of names.map(readEnvironment)) {
    refuseFaulty(environment);
    if (dryRun) await show(environment);
    else await deploy(environment);
  }
} catch (error) {
  sayFault(error, USAGE);
}

function stepsOf(environment: Environment, deployed: Deployed = { output: "" }): Step[] {
  return [
    accountStep(),
    ...resourceSteps(environment),
    migrationsStep(environment),
    secretsStep(environment.name, deployed),
    buildStep(),
    workerStep(environment, deployed),
    registeredStep(environment, deployed),
    ...pagesSteps(environment, deployed),
    answersStep(deployed, environment.name),
  ];
}

function refuseFaulty(environment: Environment): void {
  const faults = faultsOf(environment, readLocalConfig(), declaredBindings());
  if (faults.length === 0) return;
  throw new StepFailed(
    `The environment ${environment.name} is not fit to be deployed:\n- ${faults.join("\n- ")}`,
    "Mend wrangler.toml (and web/wrangler.toml, where it is named). Environments inherit no bindings.",
  );
}

async function show(environment: Environment): Promise<void> {
  await bundleOffline(environment);
  console.log(`${environment.name}: the configuration is complete, and wrangler bundles it. A deployment would`);
  console.log(`${listed(stepsOf(environment))}\n`);
}

async function deploy(environment: Environment): Promise<void> {
  const done: string[] = [];
  const deployed: Deployed = { output: "" };
  console.log(`Deploying ${environment.name}`);
  for (const { title, run } of stepsOf(environment, deployed)) {
    try {
      const what = await run();
      console.log(`  ${title}: ${what}`);
      done.push(title);
    } catch (error) {
      console.error(`  ${title}: failed`);
      console.error(
        `Done so far: ${done.join("; ") || "nothing"}. Run this again afterwards: it goes on from there.\n`,
      );
      // What failed may be the last thing, and fail for good: a policy in front of Pages, say.
      const advice = firstAccountAdvice(deployed);
      if (advice !== undefined) console.error(`${advice}\n`);
      throw error;
    }
  }
  console.log(["\nDeployed.", firstAccountAdvice(deployed) ?? ""].join(" ").trimEnd());
}
