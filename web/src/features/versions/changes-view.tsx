import { Button } from "@mantine/core";
import { fieldLabel, fieldText } from "../../lib/field-label.ts";
import { EmptyState, Section } from "../../ui/index.ts";
import { ChangeMark } from "./change-mark.tsx";
import type { PartChange } from "./changes.ts";
import { OneSided } from "./one-sided.tsx";
import type { Comparison } from "./queries.ts";
import { sideName } from "./reference.ts";
import { TextDiff } from "./text-diff.tsx";

interface ChangesProps {
  comparison: Comparison;
  changes: readonly PartChange[];
  /** The node whose changes are looked at; undefined for all. */
  selected: string | undefined;
  onWhole: () => void;
}

/** Every field that differs, both sides beside each other: of everything, or of the node that is selected. */
export function Changes({ comparison, changes, selected, onWhole }: ChangesProps) {
  const sides = { before: sideName(comparison.from), after: sideName(comparison.to) };
  const shown =
    selected === undefined ? changes : changes.filter(({ what, id }) => what === "agent" && id === selected);
  return (
    <Section
      title="Changes"
      action={
        selected !== undefined && (
          <Button size="xs" variant="default" onClick={onWhole}>
            Show all changes
          </Button>
        )
      }
    >
      {shown.length === 0 ? (
        <EmptyState title={selected === undefined ? "Nothing differs" : "Nothing differs here"}>
          {selected === undefined
            ? "Both sides hold the same nodes, edges, agents and settings."
            : "The node that is selected is the same on both sides."}
        </EmptyState>
      ) : (
        shown.map((change) => <Part key={`${change.what} ${change.id}`} change={change} sides={sides} />)
      )}
    </Section>
  );
}

interface PartProps {
  change: PartChange;
  sides: { before: string; after: string };
}

function Part({ change, sides }: PartProps) {
  const heading = `change-${change.what}-${change.id}`;
  return (
    <section className="sw-part" aria-labelledby={heading}>
      <h3 id={heading} className="sw-part-head">
        {change.what === "edge" && <span className="sw-muted">Edge</span>}
        {change.name}
        <ChangeMark kind={change.kind} />
      </h3>
      {change.kind === "moved" && <p className="sw-muted sw-flush">It stands elsewhere on the canvas.</p>}
      {change.kind === "changed"
        ? change.fields.map(({ path, before, after }) => (
            <TextDiff
              key={path}
              title={fieldLabel(path)}
              path={path}
              before={fieldText(before, path)}
              after={fieldText(after, path)}
              sides={sides}
            />
          ))
        : change.fields.length > 0 && <OneSided change={change} />}
    </section>
  );
}
