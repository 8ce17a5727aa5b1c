import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { bucketLabel } from "../../lib/day-range.ts";
import { formatMark, formatMoney } from "../../lib/money.ts";
import { formatTokens } from "../../lib/tokens.ts";
import type { Trends } from "./queries.ts";
import type { Metric } from "./trend.tsx";

const SERIES = {
  cost: [{ name: "cost", label: "Cost", color: "var(--sw-chart)" }],
  tokens: [
    { name: "input", label: "Input tokens", color: "var(--sw-chart)" },
    { name: "output", label: "Output tokens", color: "var(--sw-chart-second)" },
  ],
  executions: [{ name: "executions", label: "Executions", color: "var(--sw-chart)" }],
} as const satisfies Record<Metric, readonly object[]>;

const FORMATS = {
  cost: formatMoney,
  tokens: formatTokens,
  executions: String,
} as const satisfies Record<Metric, (value: number) => string>;

const MARKS = { ...FORMATS, cost: formatMark };

/** The bars of a trend. Loaded apart: what draws them is large. A table of the same figures is always to be had. */
export default function TrendChart({ trends, metric, height }: { trends: Trends; metric: Metric; height: number }) {
  const data = trends.items.map((item) => ({
    bucket: bucketLabel(item.localStart, trends.interval),
    cost: item.costNanoUsd ?? 0,
    input: item.inputTokens,
    output: item.outputTokens,
    executions: item.executions,
  }));
  // Between nothing and nothing an axis would name fractions of a nano-dollar.
  const empty = data.every((each) => SERIES[metric].every(({ name }) => each[name] === 0));
  return (
    <BarChart
      h={height}
      data={data}
      dataKey="bucket"
      type="stacked"
      series={[...SERIES[metric]]}
      valueFormatter={FORMATS[metric]}
      withLegend={metric === "tokens"}
      legendProps={{ verticalAlign: "top", height: 32 }}
      tickLine="none"
      gridAxis="x"
      gridProps={{ strokeDasharray: "0" }}
      maxBarWidth={48}
      gridColor="var(--sw-line)"
      textColor="var(--sw-muted)"
      yAxisProps={{
        width: 80,
        allowDecimals: false,
        tickFormatter: MARKS[metric],
        ...(empty ? { domain: [0, 1], ticks: [0] } : {}),
      }}
      xAxisProps={{ minTickGap: 24 }}
      barProps={{ isAnimationActive: false }}
      tooltipAnimationDuration={0}
      // What it shows is said by the figure around it; the keyboard has the table.
      barChartProps={{ accessibilityLayer: false }}
    />
  );
}
