import { cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { waitForLock } from "./file-lock.ts";
import { ROOT, WEB_DIR } from "./paths.ts";

/** How long (ms) somebody waits for a build of the dashboard that is under way. */
const WAIT_MS = 120_000;

export interface DashboardFolders {
  /** The project that vite builds. */
  source: string;
  /** What was built last. */
  dist: string;
  /** On the same disk: what is being built, and for a moment what was built before. */
  work: string;
}

/** Those of the checkout. */
export const DASHBOARD: DashboardFolders = {
  source: join(ROOT, "web"),
  dist: WEB_DIR,
  work: join(ROOT, "dist", "web"),
};

/** Lets nobody else replace or read what was built meanwhile. What a replacement that was cut off took away is put back before. */
export async function withDashboard<Result>(
  { dist, work }: DashboardFolders,
  act: () => Result,
): Promise<Awaited<Result>> {
  const lock = await waitForLock(join(work, "lock"), WAIT_MS);
  try {
    if (!existsSync(dist) && existsSync(formerIn(work))) renameSync(formerIn(work), dist);
    return await act();
  } finally {
    lock.release();
  }
}

/** Puts the folder `next` in the place of what was built before. Only under {@link withDashboard}. */
export function replaceDashboard({ dist, work }: DashboardFolders, next: string): void {
  const former = formerIn(work);
  rmSync(former, { recursive: true, force: true });
  if (existsSync(dist)) renameSync(dist, former);
  renameSync(next, dist);
  rmSync(former, { recursive: true, force: true });
}

/**
 * Copies what was built to the folder `to`, in the place of what is there. An instance serves such a copy: a build beside it
 * would take away files that open pages still ask for, and those of the Worker that it runs belong to it.
 */
export async function copyDashboard(folders: DashboardFolders, to: string): Promise<void> {
  await withDashboard(folders, () => {
    rmSync(to, { recursive: true, force: true });
    // Browsers are told by these times whether a file is the one that they have.
    cpSync(folders.dist, to, { recursive: true, preserveTimestamps: true });
  });
}

const formerIn = (work: string) => join(work, "former");
