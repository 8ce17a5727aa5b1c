import { join } from "node:path";
import { build, type LogLevel } from "vite";
import { type DashboardFolders, replaceDashboard, withDashboard } from "./dashboard-files.ts";

/**
 * Builds the dashboard aside and puts it in the place of the one before once it is whole: a build that fails or is cut off
 * leaves that one as it was. Throws with vite's reason.
 */
export async function buildDashboard(folders: DashboardFolders, logLevel: LogLevel = "info"): Promise<void> {
  const next = join(folders.work, "next");
  await withDashboard(folders, async () => {
    await forUsers(() => build({ root: folders.source, logLevel, build: { outDir: next, emptyOutDir: true } }));
    replaceDashboard(folders, next);
  });
}

/** Runs a build for production: where NODE_ENV says otherwise, as somebody's shell may, vite makes a larger, slower one for developers. */
async function forUsers(make: () => Promise<unknown>): Promise<void> {
  const { NODE_ENV: before } = process.env;
  process.env.NODE_ENV = "production";
  try {
    await make();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}
