import { bucketLabel } from "../../lib/day-range.ts";
import { formatExactCount } from "../../lib/tokens.ts";
import { Money, Tokens } from "../../ui/index.ts";
import type { Trends } from "./queries.ts";

/** The figures of a trend, newest first, in the space that the bars take. */
export function TrendTable({ trends: { items, interval } }: { trends: Trends }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable for those without a mouse
    <section className="sw-scroll" tabIndex={0} aria-label="Trend, scrollable">
      <table className="sw-table" aria-label="Trend">
        <thead>
          <tr>
            <th scope="col">{interval === "week" ? "Week from" : "From"}</th>
            <th scope="col" data-align="right">
              Cost
            </th>
            <th scope="col" data-align="right">
              Calls
            </th>
            <th scope="col" data-align="right">
              Unpriced
            </th>
            <th scope="col" data-align="right">
              Input tokens
            </th>
            <th scope="col" data-align="right">
              Output tokens
            </th>
            <th scope="col" data-align="right">
              Executions
            </th>
          </tr>
        </thead>
        <tbody>
          {items.toReversed().map((item) => (
            <tr key={item.bucket}>
              <th scope="row" title={item.localStart}>
                {bucketLabel(item.localStart, interval)}
              </th>
              <td data-align="right">
                <Money nanoUsd={item.costNanoUsd} />
              </td>
              <Count value={item.calls} />
              <Count value={item.unpricedCalls} />
              <td data-align="right">
                <Tokens count={item.inputTokens} />
              </td>
              <td data-align="right">
                <Tokens count={item.outputTokens} />
              </td>
              <Count value={item.executions} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Count({ value }: { value: number }) {
  return (
    <td data-align="right" className="sw-number">
      {formatExactCount(value)}
    </td>
  );
}
