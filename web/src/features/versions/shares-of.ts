import type { Version } from "./queries.ts";

/** A version's part of a tag. */
export interface Share {
  versionId: string;
  weight: number;
}

/** Which versions hold a tag, and in which parts. A tag that is not shared is held whole. */
export function sharesOf(tag: string, tagged: readonly Pick<Version, "id" | "tags" | "splits">[]): Share[] {
  return tagged
    .filter(({ tags }) => tags.includes(tag))
    .map(({ id, splits }) => ({ versionId: id, weight: weightOf(splits.find((split) => split.tag === tag)?.percent) }));
}

/** Percent are told to a tenth; weights are whole, and a small part is none at all only when it is taken away. */
function weightOf(percent: number | undefined): number {
  return percent === undefined ? 1 : Math.max(1, Math.round(percent * 10));
}
