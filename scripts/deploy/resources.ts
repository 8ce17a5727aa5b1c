import { z } from "zod";
import type { Environment, EnvironmentName } from "./environments.ts";
import { listSecrets } from "./secrets.ts";
import { type Step, shown } from "./step.ts";
import { jsonOf, run, StepFailed, wrangler, wranglerFailed } from "./wrangler.ts";

/**
 * The rules of the bucket of files, by what its keys begin with: a bucket of this name may hold something else of somebody's.
 * The cron removes an export after seven days, and an import's file as it ends: this is for what it has lost sight of.
 */
const EXPIRE_RULES = [
  { name: "expire-exports", prefix: "exports/" },
  { name: "expire-imports", prefix: "imports/" },
];
const EXPIRE_DAYS = 8;
const ABORT_UPLOADS_DAYS = 2;

const databasesSchema = z.array(z.looseObject({ name: z.string() }));

/** The database, the queues and the buckets that the environment's bindings name. */
export function resourceSteps({ name: environment, worker }: Environment): Step[] {
  const databases = worker.d1_databases.flatMap(({ database_name: name }) => (name === undefined ? [] : [name]));
  const consumers = worker.queues.consumers ?? [];
  const queues = new Set(consumers.flatMap(({ queue, dead_letter_queue: dead }) => (dead ? [queue, dead] : [queue])));
  const buckets = worker.r2_buckets.flatMap(({ bucket_name: name, binding }) =>
    typeof name === "string" ? [{ name, expires: binding === "EXPORTS" }] : [],
  );
  return [
    ...databases.map((name) => databaseStep(name, environment, worker.name ?? "")),
    ...[...queues].map(queueStep),
    ...buckets.map(({ name }) => bucketStep(name)),
    ...buckets.filter(({ expires }) => expires).map(({ name }) => lifecycleStep(name)),
  ];
}

/** The database comes first of all, so that a Worker without one is somebody else's, and would be written over. */
function databaseStep(name: string, environment: EnvironmentName, worker: string): Step {
  const list = ["d1", "list", "--json"];
  const create = ["d1", "create", name];
  return {
    title: `Database ${name}`,
    commands: [shown("wrangler", list), shown("wrangler", create)],
    run: async () => {
      const databases = databasesSchema.parse(jsonOf(list, await wrangler(list)));
      if (databases.some((database) => database.name === name)) return "is there";
      if ((await listSecrets(environment)) !== null) {
        throw new StepFailed(
          `The account has a Worker ${worker} and no database ${name}: it is another project's, or its database was deleted. Deploying would write it over.`,
          `Give this installation other names in wrangler.toml and web/wrangler.toml. Or, if that Worker may go: npx wrangler delete --env ${environment}`,
        );
      }
      await wrangler(create);
      return "created";
    },
  };
}

function queueStep(name: string): Step {
  return createdWhenMissing(`Queue ${name}`, ["queues", "info", name], ["queues", "create", name]);
}

function bucketStep(name: string): Step {
  return createdWhenMissing(
    `Bucket ${name}`,
    ["r2", "bucket", "info", name, "--json"],
    ["r2", "bucket", "create", name],
  );
}

/** Asks for one thing by name. Only an answer that it does not exist makes it: any other fault stops here. */
function createdWhenMissing(title: string, ask: readonly string[], create: readonly string[]): Step {
  return {
    title,
    commands: [shown("wrangler", ask), shown("wrangler", create)],
    run: async () => {
      const asked = await run("wrangler", ask);
      if (asked.code === 0) return "is there";
      if (!/does not exist|code: 10006\b/i.test(asked.output)) throw wranglerFailed(ask, asked);
      await wrangler(create);
      return "created";
    },
  };
}

function lifecycleStep(bucket: string): Step {
  const list = ["r2", "bucket", "lifecycle", "list", bucket];
  const days = ["--expire-days", String(EXPIRE_DAYS), "--abort-multipart-days", String(ABORT_UPLOADS_DAYS)];
  const rules = EXPIRE_RULES.map(({ name, prefix }) => ({
    ...{ name, prefix },
    remove: ["r2", "bucket", "lifecycle", "remove", bucket, "--name", name],
    add: ["r2", "bucket", "lifecycle", "add", bucket, name, prefix, ...days, "--force"],
  }));
  return {
    title: `Lifecycle of ${bucket}`,
    commands: [list, ...rules.flatMap(({ remove, add }) => [remove, add])].map((command) => shown("wrangler", command)),
    run: async () => {
      const { stdout } = await wrangler(list);
      const missing = rules.filter(({ name, prefix }) => prefixIn(stdout, name) !== prefix);
      for (const { name, remove, add } of missing) {
        // An earlier deployment's, by which everything in the bucket expires. wrangler would add another of the same name.
        if (prefixIn(stdout, name) !== undefined) await wrangler(remove);
        await wrangler(add);
      }
      return missing.length === 0 ? "is there" : `exports and imports expire after ${EXPIRE_DAYS} days`;
    },
  };
}

/** What a rule is for, in wrangler's list of them: the beginning of keys, or words for all. `undefined` where there is no such rule. */
function prefixIn(list: string, rule: string): string | undefined {
  return new RegExp(`^name:\\s+${rule}\\s*\\nenabled:.*\\nprefix:\\s+(.*?)\\s*$`, "m").exec(list)?.[1];
}
