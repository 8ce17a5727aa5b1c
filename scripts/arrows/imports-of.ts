import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** One statement that brings in another file of ours. */
export interface Import {
  /** Path of what is imported, from the root of the sources. */
  target: string;
  /** Written `import type` or `export type`. */
  typesOnly: boolean;
  /** Written `import("...")`: loaded when it is needed. */
  dynamic: boolean;
}

/** What a file imports or exports by a relative path. `file` is given from `root`. */
export function importsOf(root: string, file: string): Import[] {
  const source = readFileSync(join(root, file), "utf8");
  const statements = source.matchAll(
    /^(?:import|export)(\s+type\s+[{*])?[^;]*?from\s+"(\.[^"]+)"|^import\s+"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm,
  );
  return [...statements].map(([, typesOnly, from, effect, dynamic]) => ({
    target: relative(root, join(root, dirname(file), from ?? effect ?? dynamic ?? "")),
    typesOnly: typesOnly !== undefined,
    dynamic: dynamic !== undefined,
  }));
}
