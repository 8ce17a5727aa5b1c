import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { waitForLock } from "./file-lock.ts";
import { ROOT, WEB_DIR, WORKER_ENTRY } from "./paths.ts";

const SHARED = ["package-lock.json", "tsconfig.base.json"];

/** What is built, by which script of package.json, from which sources. The Worker lists the page's files: page first. */
const PARTS = [
  {
    script: "build:web",
    output: join(WEB_DIR, "index.html"),
    sources: [
      "web/src",
      "web/public",
      "web/index.html",
      "web/docs.html",
      "web/vite.config.ts",
      "src/api.client.ts",
      "src/auth/roles.ts",
      ...SHARED,
    ],
  },
  { script: "build:worker", output: WORKER_ENTRY, sources: ["src", "wrangler.toml", "package.json", ...SHARED] },
];

/**
 * Builds the page and the Worker where their sources are newer than what was built. Two processes that start at
 * once build one after the other, because they write the same files. Throws with the tool's output when a build fails.
 */
export async function buildIfStale(say: (line: string) => void): Promise<void> {
  if (PARTS.every((part) => isFresh(part.output, part.sources))) return;
  const lock = await waitForLock(join(ROOT, "dist", "build.lock"), 120_000);
  try {
    for (const part of PARTS) {
      if (isFresh(part.output, part.sources)) continue;
      say(`Building (${part.script}) ...`);
      await runScript(part.script);
    }
  } finally {
    lock.release();
  }
}

function isFresh(output: string, sources: readonly string[]): boolean {
  if (!existsSync(output)) return false;
  const builtAt = statSync(output).mtimeMs;
  return sources.every((source) => newestChange(join(ROOT, source)) <= builtAt);
}

/** Epoch ms of the newest change under a path, 0 where there is none. A folder's own time tells of deleted files. */
function newestChange(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestChange(join(path, name))), stat.mtimeMs);
}

async function runScript(script: string): Promise<void> {
  const child = spawn("npm", ["run", "--silent", script], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`npm run ${script} failed (exit ${code}):\n${output}`);
}
