import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeFolder } from "./make-folder.ts";

/**
 * Takes an exclusive lock on the file at `path` (made when missing), or answers null when another process has it.
 * SQLite holds it as a lock of the operating system, so that a process killed hard leaves no stale lock behind, which
 * a file holding a process id would.
 */
export function tryLock(path: string): { release(): void } | null {
  makeFolder(dirname(path));
  const holder = new DatabaseSync(path, { timeout: 0 });
  try {
    holder.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    holder.close();
    if (error instanceof Error && error.message.includes("locked")) return null;
    throw error;
  }
  return { release: () => holder.close() };
}

/** Like {@link tryLock}, and waits until the other process lets go, at most `waitMs`. */
export async function waitForLock(path: string, waitMs: number): Promise<{ release(): void }> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const lock = tryLock(path);
    if (lock) return lock;
    if (Date.now() > deadline) throw new Error(`Another process has held ${path} for ${waitMs / 1000} s. Try again.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
