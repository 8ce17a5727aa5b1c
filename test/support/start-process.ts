import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/local/paths.ts";

/** One of scripts/ as a process of its own. */
export interface StartedProcess {
  child: ChildProcess;
  /** All that it has printed, both streams. */
  output(): string;
  /** Resolves with the first match in the output. Throws with the output when the process ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code; null when a signal ended it. */
  exited: Promise<number | null>;
  /** Kills it hard, and with `npm start` all that npm has started. */
  kill(): void;
}

/** `npm start` without npm. */
export function spawnStart(environment: Record<string, string>): StartedProcess {
  return spawnScript("start.ts", environment);
}

/** `npm start` as a person types it, in a process group of its own, as a terminal would run it. */
export function spawnNpmStart(environment: Record<string, string>): StartedProcess {
  return spawnProcess("npm", ["start"], environment, true);
}

/** Starts a file of scripts/ under this Node with the given environment on top of a bare one. */
export function spawnScript(file: string, environment: Record<string, string>): StartedProcess {
  return spawnProcess(process.execPath, [join(ROOT, "scripts", file)], environment, false);
}

/** wrangler under this Node, in a process group of its own, with `folder` (from the checkout) as its project. */
export function spawnWrangler(
  args: readonly string[],
  folder: string,
  environment: Record<string, string>,
): StartedProcess {
  const cli = join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");
  const quiet = { CI: "true", WRANGLER_SEND_METRICS: "false", ...environment };
  return spawnProcess(process.execPath, [cli, ...args, "--cwd", join(ROOT, folder)], quiet, true);
}

function spawnProcess(
  command: string,
  args: readonly string[],
  environment: Record<string, string>,
  detached: boolean,
): StartedProcess {
  const child = spawn(command, args, {
    cwd: ROOT,
    // Not the caller's whole environment: a developer's provider keys would be used.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const exited = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return {
    child,
    output: () => output,
    exited,
    kill: () => {
      if (!detached || child.pid === undefined) child.kill("SIGKILL");
      // The group outlives its leader when the leader ended without the rest.
      else if (groupIsRunning(child.pid)) process.kill(-child.pid, "SIGKILL");
    },
    printed: async (pattern) => {
      for (;;) {
        const match = pattern.exec(output);
        if (match) return match;
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`It ended early:\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

function groupIsRunning(leader: number): boolean {
  try {
    return process.kill(-leader, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** Whether a process runs. One that has ended and waits to be collected does not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return false;
    throw error;
  }
}
