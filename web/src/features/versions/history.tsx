import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Listing } from "../../api/pages.ts";
import { formatPercent } from "../../lib/shares.ts";
import { formatExactCount } from "../../lib/tokens.ts";
import {
  type Column,
  DataTable,
  Duration,
  EmptyState,
  Missing,
  Money,
  PageLink,
  RelativeTime,
} from "../../ui/index.ts";
import type { Version } from "./queries.ts";
import { Tags } from "./tags.tsx";
import { VersionMenu, type VersionVerbs } from "./version-menu.tsx";

interface HistoryProps {
  workflowId: string;
  list: Listing<Version>;
  /** Whether some are left out. */
  filtered: boolean;
  mayEdit: boolean;
  /** The button that ends the filter. */
  showAll: ReactNode;
  on: VersionVerbs;
}

/** The versions, newest first. A row opens what it changed. */
export function History({ workflowId, list, filtered, mayEdit, showAll, on }: HistoryProps) {
  const navigate = useNavigate();
  const rows = list.rows ?? [];
  /** With the one under it in the list; the first there ever was, with the draft. */
  const sidesOf = (version: Version) => {
    const before = rows[rows.indexOf(version) + 1];
    if (before) return { from: before.version, to: version.version };
    if (version.parentVersionId !== null) return { from: version.parentVersionId, to: version.version };
    return { from: version.version, to: "draft" };
  };
  const columns: Column<Version>[] = [
    {
      id: "version",
      header: "Version",
      align: "right",
      width: "64px",
      cell: (version) => (
        <PageLink to="/workflows/$workflowId/compare" params={{ workflowId }} search={sidesOf(version)}>
          {version.version}
        </PageLink>
      ),
    },
    { id: "message", header: "Message", cell: (version) => <Message version={version} /> },
    {
      id: "author",
      header: "Author",
      width: "128px",
      low: true,
      cell: ({ createdByName }) => createdByName ?? <span className="sw-muted">Nobody</span>,
    },
    {
      id: "runs",
      header: "Executions",
      align: "right",
      width: "80px",
      low: true,
      cell: (it) => <Executions version={it} />,
    },
    {
      id: "success",
      header: "Success",
      align: "right",
      width: "72px",
      cell: ({ successRate }) =>
        successRate === null ? <Missing /> : formatPercent(Math.round(successRate * 10) / 10),
    },
    { id: "took", header: "Mean time", align: "right", width: "88px", cell: (it) => <Duration ms={it.avgDuration} /> },
    {
      id: "cost",
      header: "Mean cost",
      align: "right",
      width: "88px",
      cell: (version) => <MeanCost version={version} />,
    },
    {
      id: "created",
      header: "Created",
      align: "right",
      width: "96px",
      cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
    {
      id: "menu",
      header: "",
      align: "right",
      width: "40px",
      cell: (version) => (
        <VersionMenu workflowId={workflowId} version={version} before={sidesOf(version)} mayEdit={mayEdit} on={on} />
      ),
    },
  ];
  return (
    <DataTable
      label="Versions"
      columns={columns}
      list={list}
      rowKey={({ id }) => id}
      quiet={({ kind }) => kind === "auto"}
      onOpen={(version) =>
        void navigate({ to: "/workflows/$workflowId/compare", params: { workflowId }, search: sidesOf(version) })
      }
      errorTitle="The versions could not be loaded"
      empty={
        filtered ? (
          <EmptyState title="No such versions" action={showAll}>
            The workflow has none of this kind.
          </EmptyState>
        ) : (
          <EmptyState title="No versions yet">
            A version is a commit of the workflow: what it was, with a message, to compare with and to come back to.
          </EmptyState>
        )
      }
    />
  );
}

/** What its message does not say already. */
const KIND_WORDS = { manual: null, auto: "Automatic", restore: null, import: null } as const;

function Message({ version }: { version: Version }) {
  const { commitMessage, kind } = version;
  const [first = "", ...rest] = commitMessage.trim().split("\n");
  return (
    <div className="sw-version-message">
      <span className="sw-version-words" title={rest.length === 0 ? undefined : commitMessage}>
        {first}
        {rest.some((line) => line.trim() !== "") && <span className="sw-muted"> …</span>}
      </span>
      {KIND_WORDS[kind] !== null && first !== KIND_WORDS[kind] && <span className="sw-muted">{KIND_WORDS[kind]}</span>}
      <Tags version={version} />
    </div>
  );
}

function Executions({ version: { executionCount } }: { version: Version }) {
  return executionCount === 0 ? <span className="sw-muted">0</span> : formatExactCount(executionCount);
}

/** Nothing was spent before the first execution; after it, null is a model without a price. */
function MeanCost({ version: { executionCount, avgCostNanoUsd } }: { version: Version }) {
  return executionCount === 0 ? <Missing /> : <Money nanoUsd={avgCostNanoUsd} />;
}
