import { Modal } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import {
  type Column,
  DataTable,
  Duration,
  EmptyState,
  Money,
  PageLink,
  RelativeTime,
  StatusBadge,
} from "../../ui/index.ts";
import { type Execution, useExecutions } from "./queries.ts";

interface CompareWithProps {
  /** The execution to compare with another; null while the dialog is closed. */
  execution: Pick<Execution, "id" | "workflowId"> | null;
  onClose: () => void;
}

/** Asks with which other execution of the same workflow to compare. */
export function CompareWith({ execution, onClose }: CompareWithProps) {
  return (
    <Modal opened={execution !== null} onClose={onClose} title="Compare with" size="lg">
      {execution !== null && <Others execution={execution} />}
    </Modal>
  );
}

function Others({ execution }: { execution: Pick<Execution, "id" | "workflowId"> }) {
  const navigate = useNavigate();
  const list = useExecutions({
    workflow: execution.workflowId,
    status: undefined,
    trigger: undefined,
    from: undefined,
    to: undefined,
  });
  const rows = list.rows?.filter(({ id }) => id !== execution.id);
  // The older one stands at the left; ids grow with time.
  const sides = (other: string) =>
    other < execution.id ? { left: other, right: execution.id } : { left: execution.id, right: other };
  const columns: Column<Execution>[] = [
    {
      id: "started",
      header: "Created",
      cell: ({ id, createdAt }) => (
        <PageLink to="/executions/compare" search={sides(id)}>
          <RelativeTime at={createdAt} />
        </PageLink>
      ),
    },
    { id: "version", header: "Version", width: "72px", align: "right", cell: ({ version }) => version },
    { id: "status", header: "Status", width: "128px", cell: ({ status }) => <StatusBadge status={status} /> },
    { id: "took", header: "Took", align: "right", width: "88px", cell: (it) => <Duration ms={it.durationMs} /> },
    { id: "cost", header: "Cost", align: "right", width: "104px", cell: (it) => <Money nanoUsd={it.costNanoUsd} /> },
  ];
  return (
    <DataTable
      label="Other executions of this workflow"
      columns={columns}
      list={{ ...list, rows }}
      rowKey={({ id }) => id}
      onOpen={({ id }) => void navigate({ to: "/executions/compare", search: sides(id) })}
      errorTitle="The executions could not be loaded"
      empty={
        <EmptyState title="Nothing to compare with">
          This is the workflow's only execution. Run it again to see what changed.
        </EmptyState>
      }
    />
  );
}
