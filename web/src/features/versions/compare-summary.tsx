import { counted } from "../../lib/tokens.ts";
import { ChangeMark } from "./change-mark.tsx";
import type { ChangeKind } from "./changes.ts";
import type { Comparison } from "./queries.ts";
import { sideName } from "./reference.ts";

/** How much differs, counted. Says so when nothing does. */
export function CompareSummary({ comparison: { from, to, summary, changes } }: { comparison: Comparison }) {
  const { nodesMoved } = summary;
  const groups: { kind: ChangeKind; counts: [number, string][] }[] = [
    {
      kind: "added",
      counts: [
        [summary.nodesAdded, "node"],
        [summary.agentsAdded, "agent"],
        [summary.edgesAdded, "edge"],
      ],
    },
    {
      kind: "removed",
      counts: [
        [summary.nodesRemoved, "node"],
        [summary.agentsRemoved, "agent"],
        [summary.edgesRemoved, "edge"],
      ],
    },
    {
      kind: "changed",
      counts: [
        [summary.nodesModified, "node"],
        [summary.agentsModified, "agent"],
        [summary.edgesModified, "edge"],
        [changes.settings.flatMap(({ fields }) => fields).length, "setting"],
      ],
    },
    { kind: "moved", counts: [[nodesMoved, "node"]] },
  ];
  const shown = groups.filter(({ counts }) => counts.some(([count]) => count > 0));
  return (
    <div className="sw-facts" role="status">
      {shown.map(({ kind, counts }) => (
        <span key={kind} className="sw-summary-part">
          <ChangeMark kind={kind} />
          {counts
            .filter(([count]) => count > 0)
            .map(([count, thing]) => counted(count, thing))
            .join(", ")}
        </span>
      ))}
      {summary.reordered && <span className="sw-muted">In another order</span>}
      {shown.length === 0 && !summary.reordered && (
        <span>
          {sideName(from)} and {to.draft ? "the draft" : sideName(to).toLowerCase()} are the same.
        </span>
      )}
    </div>
  );
}
