import { existsSync, readFileSync, writeFileSync } from "node:fs";

const KB_IN_MB = 1024;

/** What a process has taken of memory since it was last asked, over what it had then. */
export interface Growth {
  /** In megabytes of 1,048,576 bytes. */
  mb(): number;
}

/**
 * Watches the peak of what this process's children hold resident: workerd, with the Worker's isolates and Miniflare's
 * own that play D1 and R2. `null` where there is no /proc.
 */
export function watchGrowth(): Growth | null {
  const children = `/proc/${process.pid}/task/${process.pid}/children`;
  if (!existsSync(children)) return null;
  const pids = readFileSync(children, "utf8").trim().split(/\s+/);
  // "5" sets the peak back to what is resident now (proc_pid_clear_refs(5)).
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, "5");
  const before = sum(pids, "VmRSS");
  return { mb: () => sum(pids, "VmHWM") - before };
}

function sum(pids: readonly string[], field: string): number {
  return pids.reduce((total, pid) => {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return total + Number(match?.[1] ?? 0) / KB_IN_MB;
  }, 0);
}
