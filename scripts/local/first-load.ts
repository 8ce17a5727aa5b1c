import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WEB_DIR } from "./paths.ts";

/**
 * The scripts of the built dashboard that a browser fetches before it shows anything: those that its page names, and all
 * that these import before they run. Paths of files.
 */
export function firstLoadScripts(): string[] {
  const html = readFileSync(join(WEB_DIR, "index.html"), "utf8");
  const open = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(([, path]) => join(WEB_DIR, path ?? ""));
  const found = new Set<string>();
  for (const file of open) {
    if (found.has(file)) continue;
    found.add(file);
    const imports = readFileSync(file, "utf8").matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g);
    for (const [, name] of imports) open.push(join(file, "..", name ?? ""));
  }
  return [...found];
}
