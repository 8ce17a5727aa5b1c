import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { type Unstable_Config, unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { backstageWorker, openBackstage } from "../../scripts/local/backstage.ts";
import { migrate } from "../../scripts/local/migrate.ts";
import { ROOT, WRANGLER_CONFIG } from "../../scripts/local/paths.ts";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";

/** A Worker that is built for the bench alone, with every binding of the real one. */
export interface BenchWorker {
  url: string;
  providers: ProviderServer;
  /** Fires the cron once and waits for it. Throws when the handler failed. */
  scheduled(at: Date): Promise<void>;
  /** Asks the database directly. */
  query(sql: string, ...params: (string | number | null)[]): Promise<Record<string, unknown>[]>;
  /** How large the database is, in bytes. */
  databaseBytes(): Promise<number>;
  stop(): Promise<void>;
}

export interface BenchWorkerOptions {
  /** Whether queue messages are handed to the Worker. `false` leaves what was started where it is. */
  consume: boolean;
  /**
   * `false` leaves out the router of static files: on Cloudflare it is part of the platform, in front of the Worker, and
   * here a Worker that every request goes through.
   */
  assets?: boolean;
  /**
   * The most that the objects of an isolate may take up, in megabytes of 1,048,576 bytes. V8 ends the runtime that would
   * need more, and every request fails from then on.
   */
  heapLimitMb?: number;
}

/**
 * Builds test/bench/worker/NAME.ts and starts it on a database of its own. Throws with the tool's output when it does
 * not build.
 */
export async function startBenchWorker(
  name: string,
  options: BenchWorkerOptions = { consume: true },
): Promise<BenchWorker> {
  const dir = mkdtempSync(join(tmpdir(), "swarm-bench-"));
  buildInto(join(dir, "worker"), name);
  const persistDir = join(dir, "data");
  const config: Unstable_Config = unstable_readConfig({ config: WRANGLER_CONFIG });
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config);
  if (options.assets === false) delete workerOptions.assets;
  const databaseId = config.d1_databases.find(({ binding }) => binding === "DB")?.database_id;
  if (databaseId === undefined) throw new Error("wrangler.toml has no D1 database bound as DB.");
  await migrate(databaseId, persistDir);

  // Miniflare hands V8's flags over from its environment, and in no other way.
  if (options.heapLimitMb !== undefined) {
    process.env.MINIFLARE_WORKERD_V8_FLAGS = `--max-heap-size=${options.heapLimitMb}`;
  }
  const providers = await startProviderServer();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      // What the Worker logs would push the figures off the screen.
      handleStructuredLogs: () => undefined,
      resourcePersistencePath: persistDir,
      workers: [
        {
          ...workerOptions,
          ...(options.consume ? {} : { queueConsumers: {} }),
          name,
          bindings: {
            AUTH_SECRET: "a-secret-for-the-bench-only-32-characters",
            ENCRYPTION_KEY: "another-secret-for-the-bench-32-characters",
            OPEN_SIGNUP: "true",
            SHARE_PROVIDER_KEYS: "true",
            ...providers.vars,
          },
          modules: [{ type: "ESModule", path: join(dir, "worker", `${name}.js`) }],
          modulesRoot: join(dir, "worker"),
        },
        backstageWorker(name, databaseId),
      ],
    }),
  );
  const { origin } = await miniflare.ready;
  delete process.env.MINIFLARE_WORKERD_V8_FLAGS;
  const backstage = openBackstage(miniflare);
  return {
    url: origin,
    providers,
    scheduled: backstage.scheduled,
    query: async (sql, ...params) => (await backstage.query(sql, params)).results,
    databaseBytes: async () => (await backstage.query("SELECT 1", [])).meta.size_after,
    stop: async () => {
      await miniflare.dispose();
      await providers.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function buildInto(outdir: string, name: string): void {
  const wrangler = join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");
  const entry = join("test", "bench", "worker", `${name}.ts`);
  const build = spawnSync(process.execPath, [wrangler, "deploy", entry, "--dry-run", "--outdir", outdir], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    encoding: "utf8",
  });
  if (build.status !== 0)
    throw new Error(`The Worker ${name} of the bench does not build:\n${build.stdout}${build.stderr}`);
}
