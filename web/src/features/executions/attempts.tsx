import type { Listing } from "../../api/pages.ts";
import { type Column, DataTable, Duration, EmptyState, ModelChip, Money, StatusBadge, Tokens } from "../../ui/index.ts";
import type { Attempt } from "./queries.ts";

interface AttemptsProps {
  list: Listing<Attempt>;
  /** The node whose calls are shown; undefined for all. */
  nodeId: string | undefined;
  /** A step's name by its node. */
  nameOf: (nodeId: string) => string;
}

/** Every call to a provider: whom it asked, why, and what came of it. */
export function Attempts({ list, nodeId, nameOf }: AttemptsProps) {
  const rows = list.rows?.filter((attempt) => nodeId === undefined || attempt.nodeId === nodeId);
  const columns: Column<Attempt>[] = [
    {
      id: "call",
      header: "Call",
      width: "144px",
      cell: (attempt) => (
        <>
          <b>{nameOf(attempt.nodeId)}</b> <span className="sw-muted">{attempt.n}</span>
        </>
      ),
    },
    { id: "model", header: "Model", width: "240px", cell: (attempt) => <ModelChip {...attempt} /> },
    { id: "status", header: "Status", width: "136px", cell: (attempt) => <Outcome attempt={attempt} /> },
    { id: "reason", header: "Reason", cell: ({ reason }) => <span className="sw-wrap">{reason}</span> },
    {
      id: "wait",
      header: "Waited",
      align: "right",
      width: "80px",
      low: true,
      cell: (it) => <Duration ms={it.waitMs} />,
    },
    { id: "latency", header: "Took", align: "right", width: "80px", cell: (it) => <Duration ms={it.latencyMs} /> },
    {
      id: "tokens",
      header: "Tokens",
      align: "right",
      width: "72px",
      low: true,
      cell: ({ usage }) => <Tokens count={usage && usage.inputTokens + usage.outputTokens} />,
    },
    { id: "cost", header: "Cost", align: "right", width: "96px", cell: (attempt) => <Cost attempt={attempt} /> },
  ];
  return (
    <DataTable
      label="Attempts"
      columns={columns}
      list={{ ...list, rows }}
      rowKey={(attempt) => `${attempt.nodeId}/${attempt.n}`}
      errorTitle="The attempts could not be loaded"
      empty={<EmptyState title="No calls yet">Each call to a provider stands here, with why it was made.</EmptyState>}
    />
  );
}

function Outcome({ attempt: { status, errorKind, httpStatus } }: { attempt: Attempt }) {
  return (
    <>
      <StatusBadge status={status} />
      {errorKind !== null && (
        <div className="sw-muted">
          {errorKind.replaceAll("_", " ")}
          {httpStatus !== null && `, HTTP ${httpStatus}`}
        </div>
      )}
    </>
  );
}

/** A call that failed without a count of tokens is not said to be unpriced: most were never charged. */
function Cost({ attempt: { costNanoUsd, status, usage } }: { attempt: Attempt }) {
  if (costNanoUsd === null && status === "failed" && usage === null) return <span className="sw-muted">–</span>;
  return <Money nanoUsd={costNanoUsd} />;
}
