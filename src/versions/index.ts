export {
  ensureVersionOfDraft,
  ensureVersionsOfDrafts,
  keepFirstDraft,
  leaveAutoVersion,
  type UncommittedDraft,
} from "./auto-version.ts";
export { assertWorkflow } from "./draft-of.ts";
export { asDraftConflict, expectRevision } from "./expect-revision.ts";
export { findVersion, type PinnedVersion } from "./find-version.ts";
export { tagSchema, type VersionView, versionSchema } from "./inputs.ts";
export { pruneVersions } from "./prune-versions.ts";
export type { Loss } from "./read-definition.ts";
export { getVersion } from "./read-versions.ts";
export { readRetention } from "./retention.ts";
export { drawVersion } from "./rules/draw-version.ts";
export {
  decodeSnapshot,
  dropReplacedDraft,
  encodeSnapshot,
  readSnapshot,
  type Snapshot,
  saveSnapshot,
} from "./snapshots.ts";
