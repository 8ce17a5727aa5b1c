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
}

/** `npm start` without npm. */
export function spawnStart(environment: Record<string, string>): StartedProcess {
  return spawnScript("start.ts", environment);
}

/** Starts a file of scripts/ under this Node with the given environment on top of a bare one. */
export function spawnScript(file: string, environment: Record<string, string>): StartedProcess {
  const child = spawn(process.execPath, [join(ROOT, "scripts", file)], {
    cwd: ROOT,
    // Not the caller's whole environment: a developer's provider keys would be used.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
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
