import { SegmentedControl } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { wholeList } from "../../api/pages.ts";
import { shareOf } from "../../lib/share.ts";
import { formatExactCount } from "../../lib/tokens.ts";
import {
  type Column,
  DataTable,
  EmptyState,
  ModelChip,
  Money,
  PageLink,
  ProviderChip,
  Section,
  ShareBar,
  Tokens,
} from "../../ui/index.ts";
import type { Asked } from "./asked.ts";
import { type CostFields, type Dimension, type Named, rowsBy, type TokenFields } from "./breakdown-rows.ts";
import { type Costs, type Usage, usageQuery } from "./queries.ts";
import { type AnalyticsSearch, analyticsSearch } from "./search.ts";

const NAMES = {
  model: "Model",
  provider: "Provider",
  role: "Role",
  workflow: "Workflow",
} as const satisfies Record<Dimension, string>;

interface BreakdownProps {
  asked: Asked;
  costs: UseQueryResult<Costs>;
  search: AnalyticsSearch;
  onChange: (changed: Partial<Record<keyof AnalyticsSearch, string | undefined>>) => void;
}

/** Costs or tokens of a range by what tells calls apart. A row narrows the page down to it. */
export function Breakdown({ asked, costs, search, onChange }: BreakdownProps) {
  const by = search.by ?? "model";
  const show = search.show ?? "cost";
  return (
    <Section
      title="Breakdown"
      sentence="A row narrows the page down to it."
      action={
        <>
          <SegmentedControl
            aria-label="Of what"
            size="xs"
            data={[
              { value: "cost", label: "Cost" },
              { value: "tokens", label: "Tokens by class" },
            ]}
            value={show}
            onChange={(value) => onChange({ show: value })}
          />
          <SegmentedControl
            aria-label="By"
            size="xs"
            data={Object.entries(NAMES).map(([value, label]) => ({ value, label }))}
            value={by}
            onChange={(value) => onChange({ by: value })}
          />
        </>
      }
    >
      {show === "cost" ? (
        <CostTable costs={costs} by={by} search={search} />
      ) : (
        <TokenTable asked={asked} by={by} search={search} />
      )}
    </Section>
  );
}

interface TableProps {
  by: Dimension;
  search: AnalyticsSearch;
}

function CostTable({ costs, by, search }: TableProps & { costs: UseQueryResult<Costs> }) {
  const list = wholeList(costs, (data) => rowsBy<CostFields>(by, data));
  type Row = NonNullable<(typeof list)["rows"]>[number];
  const total = costs.data?.totalCostNanoUsd ?? 0;
  const columns: Column<Row>[] = [
    nameColumn(by, search),
    { id: "cost", header: "Cost", align: "right", width: "112px", cell: (row) => <Money nanoUsd={row.costNanoUsd} /> },
    {
      id: "share",
      header: "Share of cost",
      width: "200px",
      low: true,
      cell: (row) => <ShareBar share={shareOf(row.costNanoUsd ?? 0, total)} />,
    },
    numberColumn("calls", "Calls", (row) => <Count value={row.calls} />),
    numberColumn("unpriced", "Unpriced", (row) => <Count value={row.unpricedCalls} />),
    numberColumn("input", "Input", (row) => <Tokens count={row.inputTokens} />),
    numberColumn("output", "Output", (row) => <Tokens count={row.outputTokens} />),
  ];
  return <Rows by={by} what="Cost" list={list} columns={columns} search={search} />;
}

function TokenTable({ asked, by, search }: TableProps & { asked: Asked }) {
  const usage = useQuery(usageQuery(asked.query));
  const list = wholeList(usage, (data: Usage) => rowsBy<TokenFields>(by, data));
  type Row = NonNullable<(typeof list)["rows"]>[number];
  const columns: Column<Row>[] = [
    nameColumn(by, search),
    numberColumn("input", "Input", (row) => <Tokens count={row.inputTokens} />),
    numberColumn("cached", "From cache", (row) => <Tokens count={row.cachedInputTokens} />),
    numberColumn("write", "To cache", (row) => <Tokens count={row.cacheWriteTokens} />),
    numberColumn("write1h", "To cache, 1 h", (row) => <Tokens count={row.cacheWrite1hTokens} />, "104px"),
    numberColumn("output", "Output", (row) => <Tokens count={row.outputTokens} />),
    numberColumn("reasoning", "Reasoning", (row) => <Tokens count={row.reasoningTokens} />),
  ];
  return <Rows by={by} what="Tokens" list={list} columns={columns} search={search} />;
}

interface RowsProps<Row> {
  by: Dimension;
  what: string;
  list: ReturnType<typeof wholeList<unknown, Row>>;
  columns: readonly Column<Row>[];
  search: AnalyticsSearch;
}

function Rows<Row extends Named>({ by, what, list, columns, search }: RowsProps<Row>) {
  const navigate = useNavigate();
  return (
    <DataTable
      label={`${what} by ${NAMES[by].toLowerCase()}`}
      columns={columns}
      list={list}
      rowKey={({ key }) => key}
      {...(by === "role"
        ? {}
        : {
            onOpen: (row: Row) =>
              void navigate({ to: "/analytics", search: narrowed(search, row), resetScroll: false }),
          })}
      errorTitle="The breakdown could not be loaded"
      empty={
        <EmptyState title="No calls in this range">
          What each {NAMES[by].toLowerCase()} takes stands here once a call was made.
        </EmptyState>
      }
    />
  );
}

function narrowed(search: AnalyticsSearch, { narrows }: Named): AnalyticsSearch {
  return analyticsSearch.parse({ ...search, ...narrows });
}

function nameColumn<Row extends Named>(by: Dimension, search: AnalyticsSearch): Column<Row> {
  return {
    id: "name",
    header: NAMES[by],
    cell: (row) =>
      row.narrows === null ? (
        row.name
      ) : (
        <PageLink to="/analytics" search={narrowed(search, row)} resetScroll={false} underline="hover">
          <Name by={by} row={row} />
        </PageLink>
      ),
  };
}

function Name({ by, row }: { by: Dimension; row: Named }) {
  if (by === "model") return <ModelChip provider={row.provider ?? ""} model={row.name} />;
  if (by === "provider") return <ProviderChip provider={row.name} />;
  return (
    <>
      {row.name}
      {row.deleted && <span className="sw-muted"> (deleted)</span>}
    </>
  );
}

function numberColumn<Row>(id: string, header: string, cell: (row: Row) => ReactNode, width = "88px"): Column<Row> {
  return { id, header, align: "right", width, cell };
}

function Count({ value }: { value: number }) {
  return <span className="sw-number">{formatExactCount(value)}</span>;
}
