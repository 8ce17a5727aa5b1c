import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { wholeList } from "../../api/pages.ts";
import { shareOf } from "../../lib/share.ts";
import { formatExactCount } from "../../lib/tokens.ts";
import { type Column, DataTable, EmptyState, Missing, Money, PageLink, Section, ShareBar } from "../../ui/index.ts";
import type { Asked } from "./asked.ts";
import { type ExpensiveWorkflow, expensiveQuery } from "./queries.ts";

/** The workflows that cost the most in a range. A row leads to their executions. */
export function Expensive({ asked, total }: { asked: Asked; total: number | null }) {
  const query = useQuery(expensiveQuery(asked.query));
  const navigate = useNavigate();
  const executionsOf = ({ id }: ExpensiveWorkflow) => ({ workflow: id, from: asked.range.from, to: asked.range.to });
  const columns: Column<ExpensiveWorkflow>[] = [
    {
      id: "name",
      header: "Workflow",
      cell: (row) => (
        <PageLink to="/executions" search={executionsOf(row)} underline="hover">
          {row.name ?? row.id.slice(-8)}
          {row.deleted && <span className="sw-muted"> (deleted)</span>}
        </PageLink>
      ),
    },
    { id: "cost", header: "Cost", align: "right", width: "112px", cell: (row) => <Money nanoUsd={row.costNanoUsd} /> },
    {
      id: "share",
      header: "Share of cost",
      width: "200px",
      low: true,
      cell: (row) => <ShareBar share={shareOf(row.costNanoUsd ?? 0, total ?? 0)} />,
    },
    {
      id: "executions",
      header: "Executions",
      align: "right",
      width: "96px",
      cell: ({ executions }) => <span className="sw-number">{formatExactCount(executions)}</span>,
    },
    {
      id: "succeeded",
      header: "Succeeded",
      align: "right",
      width: "96px",
      cell: ({ succeededExecutions }) => <span className="sw-number">{formatExactCount(succeededExecutions)}</span>,
    },
    {
      id: "each",
      header: "Cost per success",
      align: "right",
      width: "136px",
      cell: ({ costPerSuccessfulExecution: each }) =>
        each === null ? <Missing /> : <Money nanoUsd={each.costNanoUsd} />,
    },
  ];
  return (
    <Section title="Most expensive workflows" sentence="A row leads to their executions of this range.">
      <DataTable
        label="Most expensive workflows"
        columns={columns}
        list={wholeList(query, ({ items }) => items)}
        rowKey={({ id }) => id}
        onOpen={(row) => void navigate({ to: "/executions", search: executionsOf(row) })}
        errorTitle="The workflows could not be loaded"
        empty={
          <EmptyState title="No calls in this range">
            The ten workflows that spent the most stand here, with what each success took.
          </EmptyState>
        }
      />
    </Section>
  );
}
