export { ensureVersionOfDraft, leaveAutoVersion } from "./auto-version.ts";
export { findVersion, type PinnedVersion } from "./find-version.ts";
export { decodeSnapshot, encodeSnapshot, type Snapshot, saveSnapshot } from "./snapshots.ts";
