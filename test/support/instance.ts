import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DashboardFolders } from "../../scripts/local/dashboard-files.ts";
import { type Instance, startInstance } from "../../scripts/local/instance.ts";
import { WEB_DIR, WORKER_ENTRY } from "../../scripts/local/paths.ts";
import type { WorkerLine } from "../../scripts/local/worker-line.ts";
import { type Account, signUp } from "./account.ts";
import { type ProviderServer, startProviderServer } from "./provider-server.ts";

export interface TestInstanceOptions {
  /** Settings on top of those that tests need. */
  vars?: Record<string, string>;
  /** Folder to start from and keep, for tests of a restart. Default: a temporary one, removed by `stop`. */
  stateDir?: string;
  /** Lets the Worker's cron fire by itself. Default: only when a test calls `scheduled()`. */
  tickSeconds?: number;
  /** The dashboard that it serves. Default: that of the checkout. */
  dashboard?: DashboardFolders;
}

/** The built Worker on a free port with a state of its own, and providers that the test controls. */
export interface TestInstance extends Instance {
  stateDir: string;
  providers: ProviderServer;
  /** What the Worker has written to its console so far. */
  logs: WorkerLine[];
  /** Signs a new person up, who owns a workspace. */
  signUp(): Promise<Account>;
}

/** Starts one. Throws with advice when there is no build. */
export async function startTestInstance(options: TestInstanceOptions = {}): Promise<TestInstance> {
  if (!existsSync(WORKER_ENTRY) || !existsSync(join(WEB_DIR, "index.html"))) {
    throw new Error("There is no build to test. Run `npm run build` first; `npm test` does.");
  }
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), "swarm-test-"));
  const providers = await startProviderServer();
  const logs: WorkerLine[] = [];
  const instance = await startInstance({
    port: 0,
    stateDir,
    vars: {
      AUTH_SECRET: "a-secret-for-tests-only-32-characters-long",
      ENCRYPTION_KEY: "another-secret-for-tests-32-characters-long",
      // Every test may sign up as many people as it likes.
      OPEN_SIGNUP: "true",
      SHARE_PROVIDER_KEYS: "true",
      ...providers.vars,
      ...options.vars,
    },
    log: (line) => logs.push(line),
    tickSeconds: options.tickSeconds ?? null,
    ...(options.dashboard && { dashboard: options.dashboard }),
  });
  return {
    ...instance,
    stateDir,
    providers,
    logs,
    signUp: () => signUp(instance.url),
    stop: async () => {
      await instance.stop();
      await providers.stop();
      if (options.stateDir === undefined) rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
