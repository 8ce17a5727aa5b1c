import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * Ends the runtime when this process dies without having had a say (SIGKILL, out of memory): a shell waits for the
 * end of its input, which the operating system closes with us. Without it workerd would go on holding the port and
 * the database. Call `dismiss` after an orderly stop.
 */
export function reapAfterMe(pids: readonly number[]): { dismiss(): void } {
  if (pids.length === 0) return { dismiss: () => undefined };
  const shell = spawn("sh", ["-c", `cat >/dev/null; kill -9 ${pids.join(" ")}`], {
    // A group of its own: Ctrl-C reaches the whole group of the terminal.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.on("error", (error) => process.stderr.write(`Cannot watch over the runtime: ${error.message}\n`));
  shell.unref();
  return {
    dismiss: () => {
      shell.kill("SIGKILL");
    },
  };
}

/** Process ids of this process's children of the given name. Empty where there is no /proc (macOS). */
export function childrenNamed(name: string): number[] {
  let entries: string[];
  try {
    entries = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return entries.filter((entry) => isChildNamed(entry, name)).map(Number);
}

function isChildNamed(pid: string, name: string): boolean {
  // "9993 (workerd) S 9980 ...": the name stands in parentheses, the parent two fields after them.
  const stat = readStat(pid);
  const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
  return stat.includes(`(${name})`) && parent === String(process.pid);
}

function readStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    // A process may end between the listing and the reading.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return "";
    throw error;
  }
}
