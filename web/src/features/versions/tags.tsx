import { IconTag } from "@tabler/icons-react";
import { formatPercent } from "../../lib/shares.ts";
import type { Version } from "./queries.ts";

/** A version's tags, each with this version's part where it is shared. */
export function Tags({ version: { tags, splits } }: { version: Pick<Version, "tags" | "splits"> }) {
  const percentOf = new Map(splits.map(({ tag, percent }) => [tag, percent]));
  return tags.map((tag) => {
    const percent = percentOf.get(tag);
    return (
      <span key={tag} className="sw-chip">
        <IconTag size={12} stroke={1.75} aria-label="Tag" />
        <span className="sw-mono">{tag}</span>
        {percent !== undefined && (
          <span title="The part of the executions that run this version">{formatPercent(percent)}</span>
        )}
      </span>
    );
  });
}
