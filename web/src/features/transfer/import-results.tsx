import { IconArrowBackUp, IconPencil, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { formatExactCount } from "../../lib/tokens.ts";
import { type Column, DataTable, EmptyState, PageLink, StateBadge } from "../../ui/index.ts";
import type { ImportResult, Summary } from "./queries.ts";
import "./transfer.css";

/** So many rows are drawn at once: a file may hold thousands of workflows. */
const ROWS = 100;

const ACTIONS = {
  created: { done: "Created", planned: "Create", icon: IconPlus },
  renamed: { done: "Renamed", planned: "Rename", icon: IconPencil },
  overwritten: { done: "Overwritten", planned: "Overwrite", icon: IconArrowBackUp },
  skipped: { done: "Skipped", planned: "Skip", icon: undefined },
  failed: { done: "Failed", planned: "Cannot be imported", icon: undefined },
} as const satisfies Record<ImportResult["action"], object>;

const ORDER = ["created", "renamed", "overwritten", "skipped", "failed"] as const;

interface ActionProps {
  action: ImportResult["action"];
  /** Whether it is still to be done. */
  planned: boolean;
}

function Action({ action, planned }: ActionProps) {
  const { icon, ...words } = ACTIONS[action];
  const done = action === "skipped" || planned ? "none" : "succeeded";
  const meaning = action === "failed" ? "failed" : action === "overwritten" && planned ? "waiting" : done;
  return (
    <StateBadge meaning={meaning} {...(meaning === "none" && icon !== undefined ? { icon } : {})}>
      {planned ? words.planned : words.done}
    </StateBadge>
  );
}

/** How many workflows became what. */
export function ResultSummary({ summary, planned }: { summary: Summary; planned: boolean }) {
  return (
    <div className="sw-summary" role="status">
      {ORDER.filter((action) => summary[action] > 0).map((action) => (
        <span key={action} className="sw-short-id">
          <Action action={action} planned={planned} />
          <b className="sw-number">&nbsp;{formatExactCount(summary[action])}</b>
        </span>
      ))}
    </div>
  );
}

interface ResultTableProps {
  label: string;
  results: readonly ImportResult[];
  planned: boolean;
}

/** What became of each workflow of a file: first what needs a look, then the others in the order of the file. */
export function ResultTable({ label, results, planned }: ResultTableProps) {
  const [shown, setShown] = useState(ROWS);
  const sorted = results.map((result, place) => ({ ...result, place })).sort((one, other) => rank(one) - rank(other));
  const columns: Column<ImportResult & { place: number }>[] = [
    { id: "name", header: "Workflow", cell: (result) => <Name {...result} /> },
    {
      id: "action",
      header: planned ? "Plan" : "Result",
      width: "184px",
      cell: ({ action }) => <Action action={action} planned={planned} />,
    },
    { id: "notes", header: "To look at", width: "55%", cell: (result) => <Notes {...result} /> },
  ];
  return (
    <DataTable
      label={label}
      columns={columns}
      list={{
        rows: sorted.slice(0, shown),
        error: null,
        retry: () => setShown(ROWS),
        more: shown < sorted.length ? () => setShown(shown + ROWS) : null,
        loadingMore: false,
      }}
      rowKey={({ place }) => String(place)}
      empty={<EmptyState title="No workflows">There is no workflow in this file.</EmptyState>}
    />
  );
}

function rank({ errors, warnings }: ImportResult): number {
  if (errors.length > 0) return 0;
  return warnings.length > 0 ? 1 : 2;
}

function Name({ name, workflowId }: ImportResult) {
  if (workflowId === null) return <b>{name}</b>;
  return (
    <PageLink to="/workflows/$workflowId" params={{ workflowId }}>
      {name}
    </PageLink>
  );
}

function Notes({ errors, warnings }: ImportResult) {
  const notes = [
    ...errors.map((note) => ({ ...note, meaning: "failed" as const })),
    ...warnings.map((note) => ({ ...note, meaning: "waiting" as const })),
  ];
  if (notes.length === 0) return <span className="sw-muted">Nothing</span>;
  return (
    <ul className="sw-notes">
      {notes.map(({ path, message, meaning }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two notes may be on one place, and the list never changes
        <li key={place}>
          <StateBadge meaning={meaning}>{path === "" ? "" : <span className="sw-mono">{path}</span>}</StateBadge>{" "}
          {message}
        </li>
      ))}
    </ul>
  );
}
