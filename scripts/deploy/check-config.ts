import type { Unstable_Config } from "wrangler";
import type { Environment } from "./environments.ts";

const EVERY_MINUTE = "* * * * *";

/** Where wrangler's configuration lists the bindings of a type of src/env.ts. */
const BOUND: Record<string, (config: Unstable_Config) => readonly (string | undefined)[]> = {
  D1Database: (config) => config.d1_databases.map(({ binding }) => binding),
  Queue: (config) => (config.queues.producers ?? []).map(({ binding }) => binding),
  R2Bucket: (config) => config.r2_buckets.map(({ binding }) => binding),
  DurableObjectNamespace: (config) => config.durable_objects.bindings.map(({ name }) => name),
  Fetcher: (config) => [config.assets?.binding, ...(config.services ?? []).map(({ binding }) => binding)],
};

/**
 * What is wrong with an environment, one sentence each: bindings that src/env.ts declares and it lacks, queues without
 * a consumer or a dead-letter queue, a missing cron, and what differs from the configuration that tests ran on. Wrangler
 * accepts all of these, and the Worker would fail on them after it was deployed.
 */
export function faultsOf(
  environment: Environment,
  local: Unstable_Config,
  declared: ReadonlyMap<string, string>,
): string[] {
  const { worker } = environment;
  return [
    ...missingBindings(worker, declared),
    ...queueFaults(worker),
    ...crons(worker),
    ...dateFaults(worker),
    ...differences(worker, local),
    ...observability(worker),
    ...pagesFaults(environment),
  ];
}

function missingBindings(worker: Unstable_Config, declared: ReadonlyMap<string, string>): string[] {
  return [...declared].flatMap(([name, type]) => {
    const bound = BOUND[type];
    if (bound === undefined) return [`src/env.ts declares ${name} as ${type}, which the check does not know.`];
    return bound(worker).includes(name) ? [] : [`The binding ${name} (${type}) of src/env.ts is missing.`];
  });
}

function queueFaults({ queues }: Unstable_Config): string[] {
  const consumers = queues.consumers ?? [];
  const consumed = new Set(consumers.map(({ queue }) => queue));
  const dead = new Set(consumers.map((consumer) => consumer.dead_letter_queue));
  const produced = (queues.producers ?? []).map(({ queue }) => queue ?? "(without a name)");
  return [
    ...produced
      .filter((queue) => !consumed.has(queue))
      .map((queue) => `The queue ${queue} has no consumer: messages would lie there.`),
    ...consumers
      .filter(({ queue, dead_letter_queue: letters }) => letters === undefined && !dead.has(queue))
      .map(
        ({ queue }) => `The consumer of ${queue} has no dead_letter_queue: after max_retries a message would be lost.`,
      ),
    ...consumers
      .flatMap(({ dead_letter_queue: letters }) => (letters === undefined ? [] : [letters]))
      .filter((letters) => !consumed.has(letters))
      .map((letters) => `The dead-letter queue ${letters} has no consumer: its steps would never end.`),
    // src/index.ts tells queues apart by how their names begin.
    ...consumers
      .filter(({ queue }) => !queue.startsWith("executions"))
      .map(({ queue }) => `The Worker has no handler for the queue ${queue}: its name has to begin with "executions".`),
  ];
}

function crons({ triggers }: Unstable_Config): string[] {
  return triggers.crons?.includes(EVERY_MINUTE) === true
    ? []
    : [`[triggers] crons lacks "${EVERY_MINUTE}": schedules would never fire.`];
}

function dateFaults({ compatibility_date: date }: Unstable_Config): string[] {
  if (date === undefined) return ["compatibility_date is missing."];
  return Date.parse(date) > Date.now() ? [`compatibility_date ${date} lies in the future: Cloudflare refuses it.`] : [];
}

/** What tests have run on, and what a difference in would be found only in production. */
function differences(worker: Unstable_Config, local: Unstable_Config): string[] {
  const compared: Record<string, (config: Unstable_Config) => unknown> = {
    compatibility_date: (config) => config.compatibility_date,
    compatibility_flags: (config) => config.compatibility_flags,
    "the Durable Objects' migrations": (config) => config.migrations,
    "the Durable Objects' classes": (config) => config.durable_objects.bindings,
    "the queue consumers' settings": (config) =>
      (config.queues.consumers ?? []).map(({ max_batch_size, max_batch_timeout, max_retries }) => [
        max_batch_size,
        max_batch_timeout,
        max_retries,
      ]),
  };
  return Object.entries(compared).flatMap(([what, of]) =>
    JSON.stringify(of(worker)) === JSON.stringify(of(local))
      ? []
      : [`It differs from the top level, which tests ran on, in ${what}.`],
  );
}

function observability(worker: Unstable_Config): string[] {
  const { observability: seen } = worker;
  if (seen?.enabled !== true) return ["[observability] is not enabled: the Worker's log would go nowhere."];
  return seen.logs?.invocation_logs === false
    ? []
    : ["[observability.logs] needs invocation_logs = false: request URLs hold the secrets of webhooks."];
}

function pagesFaults({ worker, pages }: Environment): string[] {
  const api = pages.services.find(({ binding }) => binding === "API");
  return api?.service === worker.name
    ? []
    : [`web/wrangler.toml binds API to ${api?.service ?? "nothing"}, and the Worker's name is ${worker.name}.`];
}
