export { ensureVersionOfDraft, keepFirstDraft, leaveAutoVersion } from "./auto-version.ts";
export { assertWorkflow } from "./draft-of.ts";
export { asDraftConflict, expectRevision } from "./expect-revision.ts";
export { findVersion, type PinnedVersion } from "./find-version.ts";
export { type VersionView, versionSchema } from "./inputs.ts";
export { pruneVersions } from "./prune-versions.ts";
export { getVersion } from "./read-versions.ts";
export { decodeSnapshot, dropReplacedDraft, encodeSnapshot, type Snapshot, saveSnapshot } from "./snapshots.ts";
