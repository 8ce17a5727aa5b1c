import type { Ctx } from "../db/context.ts";
import type { Definition } from "../definitions/index.ts";
import { encodeSnapshot, type Snapshot } from "../versions/index.ts";
import type { ImportBundle } from "./import-schema.ts";
import type { Row } from "./insert-rows.ts";

/** The history of an imported workflow as rows, and by what else in the file names it. */
export interface VersionRows {
  draft: Definition;
  draftHash: string;
  snapshots: Map<string, Snapshot>;
  /** In the order of their numbers. */
  versions: Row[];
  tags: Row[];
  idOf: Map<number, { id: string; contentHash: string }>;
  head: { id: string; number: number; contentHash: string };
}

/**
 * The versions of a bundle with ids of their own, their numbers, times and authors kept. A file without history gets
 * its state committed as version 1 with `message`, so that there is something to go back to.
 */
export async function versionRows(
  ctx: Ctx,
  bundle: ImportBundle,
  { workflowId, message }: { workflowId: string; message: string },
): Promise<VersionRows> {
  const { nodes, edges, settings } = bundle.workflow;
  const draft = { nodes, edges, agents: bundle.agents, settings };
  const draftSnapshot = await encodeSnapshot(draft);
  const snapshots = new Map([[draftSnapshot.hash, draftSnapshot]]);
  const now = ctx.clock.now();
  const versions: Row[] = [];
  const tags: Row[] = [];
  const idOf: VersionRows["idOf"] = new Map();
  const executed = new Set(bundle.executions.map((execution) => execution.version));
  const ascending = bundle.versions.toSorted((one, other) => one.version - other.version);
  for (const version of ascending) {
    const snapshot = await encodeSnapshot(version.workflowData);
    snapshots.set(snapshot.hash, snapshot);
    const id = ctx.ids.next();
    idOf.set(version.version, { id, contentHash: snapshot.hash });
    const createdAt = version.createdAt === undefined ? now : Math.min(Date.parse(version.createdAt), now);
    versions.push({
      id,
      workflow_id: workflowId,
      number: version.version,
      kind: version.kind,
      message: version.commitMessage,
      content_hash: snapshot.hash,
      parent_version_id: version.parentVersion === null ? null : (idOf.get(version.parentVersion)?.id ?? null),
      created_by: null,
      author_name: version.createdByName,
      created_at: createdAt,
      // Such a version is neither amended nor pruned: what ran it is shown with it.
      executed: Number(executed.has(version.version)),
    });
    const weights = new Map(Object.entries(version.tagWeights));
    version.tags.forEach((tag, place) => {
      // The one moved here last is named first, and shown as the version's tag.
      const moved_at = createdAt + version.tags.length - place;
      const weight = weights.get(tag) ?? 1;
      tags.push({ workflow_id: workflowId, tag, version_id: id, weight, moved_at });
    });
  }
  const newest = ascending.at(-1);
  const known = newest && idOf.get(newest.version);
  if (newest && known) {
    const head = { ...known, number: newest.version };
    return { draft, draftHash: draftSnapshot.hash, snapshots, versions, tags, idOf, head };
  }
  const id = ctx.ids.next();
  const head = { id, number: 1, contentHash: draftSnapshot.hash };
  versions.push({
    id,
    workflow_id: workflowId,
    number: 1,
    kind: "import",
    message,
    content_hash: draftSnapshot.hash,
    parent_version_id: null,
    created_by: ctx.userId,
    author_name: null,
    created_at: now,
    executed: Number(bundle.executions.length > 0),
  });
  return { draft, draftHash: draftSnapshot.hash, snapshots, versions, tags, idOf, head };
}
