import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { keys } from "../../api/keys.ts";
import { useLiveRefresh } from "../../api/live.tsx";
import { useCan } from "../../api/me.ts";
import { ButtonLink, EmptyState, ErrorState, FilterBar, Page, useCommands, useNow } from "../../ui/index.ts";
import { AnalyticsTabs } from "./analytics-tabs.tsx";
import { askedFor } from "./asked.ts";
import { Breakdown } from "./breakdown.tsx";
import { Expensive } from "./expensive.tsx";
import { changedSearch, useFilters } from "./filters.ts";
import { useLiveSpend } from "./live-spend.ts";
import { Periods } from "./periods.tsx";
import { costsQuery, exportAddress } from "./queries.ts";
import { RangeFacts } from "./range-facts.tsx";
import { type AnalyticsSearch, analyticsSearch } from "./search.ts";
import { TokenClasses } from "./token-classes.tsx";
import { Trend } from "./trend.tsx";
import { UnpricedNotice } from "./unpriced-notice.tsx";
import "./analytics.css";

const route = getRouteApi("/inside/analytics");

/** What was spent, on what, and how that went. Every figure is the API's own. */
export function CostsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const asked = askedFor(search, useNow());
  const hasDays = asked.days > 0;
  const costs = useQuery({ ...costsQuery(asked.query), enabled: hasDays });
  const before = useQuery({ ...costsQuery(asked.before ?? asked.query), enabled: asked.before !== null });
  const mayPrice = useCan("prices.manage");
  useLiveRefresh(keys.analytics.all, ({ type }) => type === "cost" || type === "execution");
  const live = useLiveSpend(costs.dataUpdatedAt, asked.query);
  const filters = useFilters(search, asked, costs.data);
  const change = (changed: Partial<Record<keyof AnalyticsSearch, string | undefined>>) =>
    void navigate({
      search: (old) => analyticsSearch.parse({ ...old, ...changedSearch(changed) }),
      replace: true,
      resetScroll: false,
    });
  const asTable = search.as === "table";
  useCommands([
    {
      id: "csv",
      label: "Download calls as CSV",
      group: "This page",
      run: () => location.assign(exportAddress(asked.query)),
    },
    {
      id: "table",
      label: asTable ? "Show trend as chart" : "Show trend as table",
      group: "This page",
      keys: "t",
      run: () => change({ as: asTable ? undefined : "table" }),
    },
  ]);
  const nothingYet = costs.data?.allTime.calls === 0 && live.calls === 0 && !narrowed(search);
  return (
    <Page
      title="Analytics"
      sentence="What calls to providers cost, to the nano-dollar, as they are made."
      action={
        <Button component="a" variant="default" href={exportAddress(asked.query)} download>
          Download CSV
        </Button>
      }
      tabs={<AnalyticsTabs />}
      filters={<FilterBar filters={filters} values={search} onChange={change} />}
    >
      {costs.error && (
        <ErrorState
          error={costs.error}
          title={costs.data ? "These figures may be old" : "The costs could not be loaded"}
          retry={() => void costs.refetch()}
        />
      )}
      {!hasDays && (
        <EmptyState
          title="The range ends before it begins"
          action={<Button onClick={() => change({ from: undefined, to: undefined })}>Show the last 30 days</Button>}
        >
          Choose a day under To that is not before the one under From. Without one, the range ends today.
        </EmptyState>
      )}
      {nothingYet && <NothingYet />}
      {hasDays && !nothingYet && (costs.data || !costs.error) && (
        <>
          <Periods costs={costs.data} live={live} />
          <RangeFacts
            costs={costs.data}
            before={before.data}
            days={asked.days}
            ofSomeCalls={search.provider !== undefined || search.model !== undefined}
          />
          <UnpricedNotice calls={costs.data?.unpricedCalls ?? 0} mayPrice={mayPrice} />
          <Trend asked={asked} search={search} onChange={change} />
          <Expensive asked={asked} total={costs.data?.totalCostNanoUsd ?? null} />
          <Breakdown asked={asked} costs={costs} search={search} onChange={change} />
          <TokenClasses asked={asked} />
        </>
      )}
    </Page>
  );
}

/** Whether filters leave anything out: then an empty page is no sign of an empty workspace. */
function narrowed({ workflow, provider, model }: AnalyticsSearch): boolean {
  return workflow !== undefined || provider !== undefined || model !== undefined;
}

function NothingYet() {
  const mayRun = useCan("executions.run");
  return (
    <EmptyState title="Nothing spent yet" action={mayRun && <ButtonLink to="/executions">Run a workflow</ButtonLink>}>
      Every call that an execution makes is counted here the moment it is made, with what it cost and what for.
    </EmptyState>
  );
}
