import { fieldLabel } from "../../lib/field-label.ts";
import { counted } from "../../lib/tokens.ts";
import { ChangeMark } from "./change-mark.tsx";
import type { PartChange } from "./changes.ts";

/** More than this is told by its number. */
const MOST_SHOWN = 8;
const MOST_FIELDS = 4;

/** What differs, a line each: for a glance before a commit. */
export function ChangeList({ changes, reordered }: { changes: readonly PartChange[]; reordered: boolean }) {
  const rest = changes.length - MOST_SHOWN;
  return (
    <ul className="sw-change-list">
      {changes.slice(0, MOST_SHOWN).map((change) => (
        <li key={`${change.what} ${change.id}`}>
          <ChangeMark kind={change.kind} />
          <span className="sw-wrap">
            {change.what === "edge" && "Edge "}
            <b>{change.name}</b>
            {change.kind === "changed" && <span className="sw-muted"> {fieldWords(change)}</span>}
          </span>
        </li>
      ))}
      {rest > 0 && <li className="sw-muted">and {counted(rest, "more", "more")}</li>}
      {changes.length === 0 && reordered && <li>Only the order of nodes, edges or agents.</li>}
    </ul>
  );
}

function fieldWords({ fields }: PartChange): string {
  const labels = fields.slice(0, MOST_FIELDS).map(({ path }) => fieldLabel(path).toLowerCase());
  const rest = fields.length - labels.length;
  return rest > 0 ? `${labels.join(", ")} and ${rest} more` : labels.join(", ");
}
