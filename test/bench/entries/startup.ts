import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { type Unstable_Config, unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { migrate } from "../../../scripts/local/migrate.ts";
import { WORKER_ENTRY, WRANGLER_CONFIG } from "../../../scripts/local/paths.ts";
import { compared, type Figures, median, repeat } from "../figure.ts";

const ROUNDS = 9;

/** Has the same bindings and asks the same of the database, and nothing else. */
const BARE = `
  import { DurableObject } from "cloudflare:workers";
  export class CircuitBreaker extends DurableObject {}
  export class LiveFeed extends DurableObject {}
  export class WebhookGate extends DurableObject {}
  export default {
    async fetch(request, env) {
      await env.DB.prepare("SELECT 1").run();
      return Response.json({ status: "ok" });
    },
    queue() {},
    scheduled() {},
  };
`;

type Module = { type: "ESModule"; path: string; contents?: string };

/**
 * From starting the runtime to the first answer of `GET /api/health`: what it takes to read, compile and evaluate the Worker,
 * as a cold start does. The control is an empty Worker with the same bindings, so that the difference is Swarm's.
 */
export async function startup(): Promise<Figures> {
  const persistDir = mkdtempSync(join(tmpdir(), "swarm-bench-startup-"));
  try {
    const config: Unstable_Config = unstable_readConfig({ config: WRANGLER_CONFIG });
    const databaseId = config.d1_databases.find(({ binding }) => binding === "DB")?.database_id;
    if (databaseId === undefined) throw new Error("wrangler.toml has no D1 database bound as DB.");
    await migrate(databaseId, persistDir);
    const { workerOptions } = unstable_getMiniflareWorkerOptions(config);
    const msToAnswer = async (module: Module) => {
      const beganAt = performance.now();
      const miniflare = new Miniflare(
        convertV4MiniflareOptions({
          host: "127.0.0.1",
          port: 0,
          cf: false,
          telemetry: { enabled: false },
          handleStructuredLogs: () => undefined,
          resourcePersistencePath: persistDir,
          workers: [
            {
              ...workerOptions,
              name: "swarm",
              bindings: {
                AUTH_SECRET: "a-secret-for-the-bench-only-32-characters",
                ENCRYPTION_KEY: "another-secret-for-the-bench-32-characters",
              },
              modules: [module],
            },
          ],
        }),
      );
      const response = await fetch(new URL("/api/health", await miniflare.ready));
      const ms = performance.now() - beganAt;
      if (response.status !== 200) throw new Error(`The first request was answered ${response.status}.`);
      await response.body?.cancel();
      await miniflare.dispose();
      return ms;
    };
    const measure = async () => ({
      value: await msToAnswer({ type: "ESModule", path: WORKER_ENTRY }),
      control: await msToAnswer({ type: "ESModule", path: "bare.js", contents: BARE }),
    });
    await measure();
    const rounds = await repeat(ROUNDS, measure);
    return {
      startup_ms: compared(rounds, "ms to the first answer"),
      "startup.beyond_bare_ms": {
        value: median(rounds.map(({ value, control }) => value - control)),
        unit: "ms",
        aim: "<= 400",
      },
    };
  } finally {
    rmSync(persistDir, { recursive: true, force: true });
  }
}
