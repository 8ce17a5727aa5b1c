import { type Definition, type Graph, graphOf } from "../../definitions/index.ts";
import { decodeSnapshot, type Snapshot } from "../../versions/index.ts";

/** A definition ready to run. Immutable, since its content is named by its hash. */
export interface LoadedDefinition {
  definition: Definition;
  graph: Graph;
}

/** Bound by characters of stored content: an isolate has 128 MB for everything. */
const CAPACITY = 4_000_000;

const entries = new Map<string, { loaded: LoadedDefinition; size: number }>();
let total = 0;

/** Hashes whose definitions this isolate holds for a workspace, so that a query need not read them again. */
export function cachedHashes(workspaceId: string): string[] {
  const prefix = `${workspaceId}/`;
  return [...entries.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

/**
 * The definition of a snapshot, from the cache when `content` is null. `undefined` when it is in neither,
 * which happens when another invocation crowded it out in between: read it again with its content.
 */
export async function loadDefinition(
  workspaceId: string,
  snapshot: { hash: string; encoding: Snapshot["encoding"] | null; content: string | null },
): Promise<LoadedDefinition | undefined> {
  const key = `${workspaceId}/${snapshot.hash}`;
  const known = entries.get(key);
  if (known) {
    entries.delete(key);
    entries.set(key, known);
    return known.loaded;
  }
  if (snapshot.content === null || snapshot.encoding === null) return undefined;
  const definition = await decodeSnapshot({ encoding: snapshot.encoding, content: snapshot.content });
  const loaded = { definition, graph: graphOf(definition) };
  keep(key, loaded, snapshot.content.length);
  return loaded;
}

function keep(key: string, loaded: LoadedDefinition, size: number): void {
  if (size > CAPACITY / 4) return;
  const replaced = entries.get(key);
  if (replaced) total -= replaced.size;
  entries.set(key, { loaded, size });
  total += size;
  for (const [oldest, { size: freed }] of entries) {
    if (total <= CAPACITY) break;
    entries.delete(oldest);
    total -= freed;
  }
}
