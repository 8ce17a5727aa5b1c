/** The format that this build writes, and the newest that it reads. */
export const BUNDLE_VERSION = "1.0";

/** Below 0 when `one` is older than `other`, over 0 when it is newer, `null` when one of them is no version. */
export function compareVersions(one: string, other: string): number | null {
  const [a, b] = [partsOf(one), partsOf(other)];
  if (a === null || b === null) return null;
  return a.major - b.major || a.minor - b.minor;
}

function partsOf(version: string): { major: number; minor: number } | null {
  const match = /^(\d{1,4})(?:\.(\d{1,4}))?(?:\.\d{1,4})?$/.exec(version);
  return match ? { major: Number(match[1]), minor: Number(match[2] ?? 0) } : null;
}
