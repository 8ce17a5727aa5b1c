import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Miniflare, type V4QueueConsumerOptions } from "miniflare";
import { type Unstable_Config, unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { backstageWorker, openBackstage } from "./backstage.ts";
import { copyDashboard, DASHBOARD, type DashboardFolders } from "./dashboard-files.ts";
import { makeFolder } from "./make-folder.ts";
import { migrate } from "./migrate.ts";
import { WORKER_DIR, WORKER_ENTRY, WRANGLER_CONFIG } from "./paths.ts";
import { childrenNamed, reapAfterMe } from "./reaper.ts";
import { withoutSignalHandlers } from "./signals.ts";
import { startTicker } from "./ticker.ts";
import { parseWorkerLine, type WorkerLine } from "./worker-line.ts";

/** Miniflare hands over one batch at a time: with small ones a burst of messages would queue up. */
const LOCAL_BATCH_SIZE = 100;

/**
 * Makes workerd answer for a batch when its handler returns, as Cloudflare does. Otherwise it waits for the work after
 * that too, and every execution waits for the slowest one before it.
 */
const NO_WAIT_FOR_STEPS = "queue_consumer_no_wait_for_wait_until";

export interface InstanceOptions {
  /** 0 takes any free port. It listens on 127.0.0.1 only. */
  port: number;
  /** Where the database, the Durable Objects and the R2 objects are kept. Made when missing. */
  stateDir: string;
  /** Vars and secrets of the Worker, by the names of src/env.ts. */
  vars: Record<string, string>;
  /** Receives each line that the Worker writes to its console. */
  log: (line: WorkerLine) => void;
  /** The dashboard that it serves. Default: that of the checkout. */
  dashboard?: DashboardFolders;
  /** How often the Worker's cron fires, in seconds; null means only when `scheduled()` is called. */
  tickSeconds: number | null;
}

/** The Worker, serving. */
export interface Instance {
  url: string;
  port: number;
  /** Process ids of the runtime. Known on Linux only. */
  runtimePids: readonly number[];
  /** Fires the Worker's cron once and waits for it. Throws when the handler failed. */
  scheduled(at?: Date): Promise<void>;
  /** Asks the database directly, for tests that look behind the API. */
  query(sql: string, ...params: (string | number | null)[]): Promise<Record<string, unknown>[]>;
  /** Ends the runtime. Unfinished queue messages are lost, and their steps sent again by the next instance's cron. */
  stop(): Promise<void>;
}

/**
 * Runs the built Worker (`npm run build`) with every binding of wrangler.toml under workerd, without a proxy in front
 * of it. The database is migrated before the port opens. Throws when the Worker does not start.
 */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const stateDir = resolve(options.stateDir);
  const persistDir = join(stateDir, "data");
  makeFolder(persistDir);
  const served = join(stateDir, "dashboard");
  await copyDashboard(options.dashboard ?? DASHBOARD, served);
  const config = unstable_readConfig({ config: WRANGLER_CONFIG });
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config, undefined, {
    overrides: { assets: { directory: served } },
  });
  const databaseId = databaseIdOf(config);
  await migrate(databaseId, persistDir);

  const miniflare = withoutSignalHandlers(
    () =>
      new Miniflare(
        convertV4MiniflareOptions({
          host: "127.0.0.1",
          port: options.port,
          // Otherwise Miniflare asks the network where on earth it is.
          cf: false,
          telemetry: { enabled: false },
          logRequests: false,
          resourcePersistencePath: persistDir,
          handleStructuredLogs: (line) => options.log(parseWorkerLine(line.level, line.message)),
          handleUncaughtError: (error) =>
            options.log({ level: "error", component: "Runtime", message: error.message, fields: {} }),
          workers: [
            {
              ...workerOptions,
              name: "swarm",
              // Not those of workerOptions: they hold .dev.vars, which an instance of a test must not see.
              bindings: { ...config.vars, ...options.vars, DETACHED_CONSUMER: "true" },
              compatibilityFlags: [...config.compatibility_flags, NO_WAIT_FOR_STEPS],
              modules: [{ type: "ESModule", path: WORKER_ENTRY }],
              modulesRoot: WORKER_DIR,
              queueConsumers: localConsumers(config),
            },
            backstageWorker("swarm", databaseId),
          ],
        }),
      ),
  );
  const url = await miniflare.ready;
  const runtimePids = childrenNamed("workerd");
  const reaper = reapAfterMe(runtimePids);

  const backstage = openBackstage(miniflare);
  let stopping = false;
  const ticker =
    options.tickSeconds === null
      ? null
      : startTicker(options.tickSeconds, async (at) => {
          try {
            await backstage.scheduled(at);
          } catch (error) {
            // A stop cuts off the run that it meets. The next instance's cron goes on where it left off.
            if (stopping) return;
            const message = error instanceof Error ? error.message : String(error);
            options.log({ level: "error", component: "Cron", message, fields: {} });
          }
        });

  return {
    url: url.origin,
    port: Number(url.port),
    runtimePids,
    scheduled: (at = new Date()) => backstage.scheduled(at),
    query: async (sql, ...params) => (await backstage.query(sql, params)).results,
    stop: async () => {
      stopping = true;
      ticker?.stop();
      await miniflare.dispose();
      reaper.dismiss();
    },
  };
}

/** wrangler.toml's queue consumers, taking more messages at once than production does. */
function localConsumers(config: Unstable_Config): Record<string, V4QueueConsumerOptions> {
  return Object.fromEntries(
    (config.queues.consumers ?? []).map((consumer) => [
      consumer.queue,
      {
        maxBatchSize: LOCAL_BATCH_SIZE,
        maxBatchTimeout: consumer.max_batch_timeout ?? 0,
        maxRetries: consumer.max_retries ?? 3,
        ...(consumer.dead_letter_queue === undefined ? {} : { deadLetterQueue: consumer.dead_letter_queue }),
      },
    ]),
  );
}

function databaseIdOf(config: Unstable_Config): string {
  const database = config.d1_databases.find((candidate) => candidate.binding === "DB");
  if (database?.database_id === undefined) throw new Error("wrangler.toml has no D1 database bound as DB.");
  return database.database_id;
}
