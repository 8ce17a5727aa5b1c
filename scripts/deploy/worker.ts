import type { Environment } from "./environments.ts";
import type { SetupToken } from "./setup-token.ts";
import { type Step, shown } from "./step.ts";
import { run, StepFailed, wrangler } from "./wrangler.ts";

/** Settings that are no secrets. What the environment leaves out stays as it was deployed. */
export const VARS = [
  "PUBLIC_URL",
  "OPEN_SIGNUP",
  "SHARE_PROVIDER_KEYS",
  "LOG_SAMPLE_PERCENT",
  "OPENAI_BASE_URL",
  "ANTHROPIC_BASE_URL",
  "GEMINI_BASE_URL",
  "OPENAI_COMPATIBLE_BASE_URL",
];

/** What deploying has done and told so far, for the steps after it. */
export interface Deployed {
  /** Where wrangler says that it answers. Empty when it has custom routes only. */
  url?: string;
  /** Where the dashboard answers on Pages. */
  pagesUrl?: string;
  output: string;
  /** What was set for the first account, where nobody owned the installation. */
  setup?: SetupToken;
  /** What the Worker itself says of that, once it answers. */
  owned?: boolean;
}

export function migrationsStep({ name }: Environment): Step {
  const apply = ["d1", "migrations", "apply", "DB", "--remote", "--env", name];
  return {
    title: "Migrations",
    commands: [shown("wrangler", apply)],
    run: async () => {
      const { stdout } = await wrangler(apply);
      return stdout.includes("No migrations to apply") ? "are applied" : "applied what was missing";
    },
  };
}

export function buildStep(): Step {
  return {
    title: "Dashboard's files",
    commands: ["npm run build:web"],
    run: async () => {
      const built = await run("npm", ["run", "--silent", "build:web"]);
      if (built.code !== 0) throw new StepFailed(`npm run build:web failed:\n${built.output}`, "Mend what it says.");
      return "built";
    },
  };
}

export function workerStep({ name, worker }: Environment, deployed: Deployed): Step {
  const vars = VARS.flatMap((setting) => {
    const value = process.env[setting]?.trim();
    return value ? ["--var", `${setting}:${value}`] : [];
  });
  const deploy = ["deploy", "--env", name, "--keep-vars", ...vars];
  return {
    title: `Worker ${worker.name}`,
    commands: [shown("wrangler", deploy)],
    run: async () => {
      const { output } = await wrangler(deploy);
      deployed.output = output;
      // Links to pages of help may stand by themselves, too, further up.
      const targets = output.slice(Math.max(output.lastIndexOf(`Deployed ${worker.name} triggers`), 0));
      const url = /^\s*(https?:\/\/\S+)\s*$/m.exec(targets)?.[1];
      if (url !== undefined) deployed.url = url;
      return url ?? "deployed, at the addresses of its routes";
    },
  };
}

/** A Worker without consumer or cron answers requests, and executes nothing. */
export function registeredStep({ worker }: Environment, deployed: Deployed): Step {
  const queues = (worker.queues.consumers ?? []).map(({ queue }) => queue);
  return {
    title: "Queue consumers and cron",
    commands: queues.map((queue) => shown("wrangler", ["queues", "info", queue])),
    run: async () => {
      const advice =
        "Deploy again. If it stays away, look at the Worker's Settings, Trigger Events, at dash.cloudflare.com.";
      for (const queue of queues) {
        const { stdout } = await wrangler(["queues", "info", queue]);
        const consumers =
          /^Consumers:(.*)$/m
            .exec(stdout)?.[1]
            ?.split(",")
            .map((consumer) => consumer.trim()) ?? [];
        // Cloudflare names a consumer as `script` or as `service`, of which wrangler shows the first only.
        const unnamed = consumers.includes("worker:undefined") && deployed.output.includes(`Consumer for ${queue}\n`);
        if (!unnamed && !consumers.includes(`worker:${worker.name}`)) {
          throw new StepFailed(`${worker.name} is not registered as consumer of the queue ${queue}.`, advice);
        }
      }
      // Wrangler has no command that lists crons: it names each that Cloudflare took when it deploys.
      for (const cron of worker.triggers.crons ?? []) {
        if (!deployed.output.includes(`schedule: ${cron}`)) {
          throw new StepFailed(`The cron "${cron}" was not registered.`, advice);
        }
      }
      return "are registered";
    },
  };
}
