import { resolve } from "node:path";
import { buildIfStale } from "./build.ts";
import { tryLock } from "./file-lock.ts";
import { type Instance, startInstance } from "./instance.ts";
import { requireFreePort } from "./ports.ts";
import { configuredProviders, readSettings, requireUsable } from "./settings.ts";
import { startSimulatedProviders } from "./simulated-providers.ts";
import type { WorkerLine } from "./worker-line.ts";

export interface ServeOptions {
  port: number;
  stateDir: string;
  environment: NodeJS.ProcessEnv;
  /** How long a simulated provider takes to answer. */
  simulatedLatencyMs: number;
  say: (line: string) => void;
  log: (line: WorkerLine) => void;
}

/** A whole local installation: the Worker, its cron and, without any key, simulated providers. */
export interface Served {
  instance: Instance;
  /** The providers that have a real key. Empty when they are simulated. */
  providers: readonly string[];
  stop(): Promise<void>;
}

/** Builds what is stale and starts it all. Throws with advice when a setting is unusable, or the port or the state folder taken. */
export async function serve(options: ServeOptions): Promise<Served> {
  const stateDir = resolve(options.stateDir);
  await requireFreePort(options.port);
  const lock = lockState(stateDir);
  if (!lock) {
    throw new Error(
      `Another instance is running on ${stateDir}. End it, or give this one its own folder: SWARM_STATE=.swarm-2 PORT=0 npm start`,
    );
  }
  const closing: (() => Promise<void> | void)[] = [() => lock.release()];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    // Whoever runs it on his own machine may point it at a model server there.
    const settings = { ALLOW_LOCAL_PROVIDERS: "true", ...readSettings(stateDir, options.environment) };
    requireUsable(settings);
    await buildIfStale(options.say);
    options.say("Starting ...");
    const providers = configuredProviders(settings);
    let vars = settings;
    if (providers.length === 0) {
      const simulated = await startSimulatedProviders(options.simulatedLatencyMs);
      closing.push(simulated.stop);
      vars = { ...settings, ...simulated.vars };
    }
    const instance = await startInstance({
      port: options.port,
      stateDir,
      vars,
      log: options.log,
      tickSeconds: 60,
    });
    closing.push(instance.stop);
    return { instance, providers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function lockState(stateDir: string): ReturnType<typeof tryLock> {
  try {
    return tryLock(`${stateDir}/instance.lock`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `The state folder ${stateDir} cannot be used (${why}). SWARM_STATE takes a folder that may be written to: SWARM_STATE=.swarm-2 npm start`,
      { cause },
    );
  }
}
