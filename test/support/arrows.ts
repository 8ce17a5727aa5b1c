import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** What a check of imports, a script of `scripts`, says of one file with one statement in it. */
export function checking(script: string): (file: string, statement: string) => string {
  const path = join(import.meta.dirname, "../../scripts", script);
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "arrows-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });
  return (file, statement) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), `${statement}\n`);
    const { stdout, stderr } = spawnSync(process.execPath, [path, root], { encoding: "utf8" });
    return stdout + stderr;
  };
}
