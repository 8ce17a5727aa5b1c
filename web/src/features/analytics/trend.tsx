import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { bucketLabel, type Interval, intervalsFor } from "../../lib/day-range.ts";
import { formatMoney } from "../../lib/money.ts";
import { formatTokens } from "../../lib/tokens.ts";
import { Loaded, Section } from "../../ui/index.ts";
import type { Asked } from "./asked.ts";
import { type Trends, trendsQuery } from "./queries.ts";
import type { AnalyticsSearch } from "./search.ts";
import { TrendTable } from "./trend-table.tsx";

const TrendChart = lazy(() => import("./trend-chart.tsx"));

/** The height of chart, table and skeleton, so that nothing below them moves. */
const HEIGHT = 280;

export type Metric = NonNullable<AnalyticsSearch["metric"]>;

const METRICS = [
  { value: "cost", label: "Cost" },
  { value: "tokens", label: "Tokens" },
  { value: "executions", label: "Executions" },
] as const satisfies readonly { value: Metric; label: string }[];

const INTERVAL_NAMES = { hour: "Hours", day: "Days", week: "Weeks", month: "Months" } as const satisfies Record<
  Interval,
  string
>;

interface TrendProps {
  asked: Asked;
  search: AnalyticsSearch;
  onChange: (changed: Partial<Record<keyof AnalyticsSearch, string | undefined>>) => void;
}

/** How costs, tokens or executions went, bucket by bucket: as bars, or as a table of the same figures. */
export function Trend({ asked, search, onChange }: TrendProps) {
  const trends = useQuery(trendsQuery(asked.query, asked.interval));
  const metric = search.metric ?? "cost";
  const asTable = search.as === "table";
  const skeleton = <Skeleton height={HEIGHT} aria-label="Loading" />;
  return (
    <Section
      title="Trend"
      sentence={`By clocks of ${asked.zone}. Executions count by when they ended.`}
      action={
        <>
          <SegmentedControl
            aria-label="Figure"
            size="xs"
            data={[...METRICS]}
            value={metric}
            onChange={(value) => onChange({ metric: value })}
          />
          <SegmentedControl
            aria-label="Interval"
            size="xs"
            data={intervalsFor(asked.days).map((value) => ({ value, label: INTERVAL_NAMES[value] }))}
            value={asked.interval}
            onChange={(value) => onChange({ interval: value })}
          />
          <Button
            size="xs"
            variant="default"
            aria-pressed={asTable}
            onClick={() => onChange({ as: asTable ? undefined : "table" })}
          >
            Show as table
          </Button>
        </>
      }
    >
      <div className="sw-trend" style={{ height: HEIGHT }}>
        <Loaded query={trends} title="The trend could not be loaded" skeleton={skeleton}>
          {(loaded) =>
            asTable ? (
              <TrendTable trends={loaded} />
            ) : (
              <Suspense fallback={skeleton}>
                <div role="img" aria-label={inWords(loaded, metric)}>
                  <TrendChart trends={loaded} metric={metric} height={HEIGHT} />
                </div>
              </Suspense>
            )
          }
        </Loaded>
      </div>
    </Section>
  );
}

/** What the bars show, for those who do not see them. */
function inWords({ interval, items }: Trends, metric: Metric): string {
  const measure = (item: Trends["items"][number]) =>
    metric === "cost"
      ? (item.costNanoUsd ?? 0)
      : metric === "tokens"
        ? item.inputTokens + item.outputTokens
        : item.executions;
  const highest = items.reduce((best, item) => (measure(item) > measure(best) ? item : best), items[0] ?? NO_ITEM);
  const what = { cost: "Cost", tokens: "Tokens", executions: "Executions" }[metric];
  const written = { cost: formatMoney, tokens: formatTokens, executions: String }[metric](measure(highest));
  return `${what} by ${interval}. The highest of ${items.length}: ${written}, ${bucketLabel(highest.localStart, interval)}. The table has every figure.`;
}

const NO_ITEM: Trends["items"][number] = {
  bucket: "1970-01-01T00:00:00.000Z",
  localStart: "1970-01-01T00:00:00+00:00",
  costNanoUsd: 0,
  costUsd: "0.00",
  calls: 0,
  unpricedCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  executions: 0,
};
