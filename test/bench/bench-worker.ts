import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { type Unstable_Config, unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { migrate } from "../../scripts/local/migrate.ts";
import { ROOT, WRANGLER_CONFIG } from "../../scripts/local/paths.ts";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";

/** A Worker that is built for the bench alone, with every binding of the real one. */
export interface BenchWorker {
  url: string;
  providers: ProviderServer;
  stop(): Promise<void>;
}

/**
 * Builds test/bench/worker/NAME.ts and starts it on a database of its own. Throws with the tool's output when it does
 * not build.
 */
export async function startBenchWorker(name: string): Promise<BenchWorker> {
  const dir = mkdtempSync(join(tmpdir(), "swarm-bench-"));
  buildInto(join(dir, "worker"), name);
  const persistDir = join(dir, "data");
  const config: Unstable_Config = unstable_readConfig({ config: WRANGLER_CONFIG });
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config);
  const databaseId = config.d1_databases.find(({ binding }) => binding === "DB")?.database_id;
  if (databaseId === undefined) throw new Error("wrangler.toml has no D1 database bound as DB.");
  await migrate(databaseId, persistDir);

  const providers = await startProviderServer();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      resourcePersistencePath: persistDir,
      workers: [
        {
          ...workerOptions,
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
      ],
    }),
  );
  const { origin } = await miniflare.ready;
  return {
    url: origin,
    providers,
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
