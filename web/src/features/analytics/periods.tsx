import { formatExactCount } from "../../lib/tokens.ts";
import { Money } from "../../ui/index.ts";
import type { LiveSpend } from "./live-spend.ts";
import type { Costs } from "./queries.ts";

const PERIODS = [
  { name: "today", label: "Today" },
  { name: "week", label: "This week" },
  { name: "month", label: "This month" },
  { name: "allTime", label: "All time" },
] as const satisfies readonly { name: keyof Costs; label: string }[];

/** What was spent today, this week, this month and ever, moving with each call. `costs` is undefined while it is asked for. */
export function Periods({ costs, live }: { costs: Costs | undefined; live: LiveSpend }) {
  return (
    <dl className="sw-figures" aria-label="Spent so far">
      {PERIODS.map(({ name, label }) => (
        <div key={name}>
          <dt>{label}</dt>
          <dd className="sw-figure">{costs ? <Money nanoUsd={sum(costs[name], live)} /> : <span>&nbsp;</span>}</dd>
          <dd className="sw-figure-note">{costs ? callsOf(costs[name], live) : <span>&nbsp;</span>}</dd>
        </div>
      ))}
    </dl>
  );
}

type Amount = Costs["today"];

/** Null only while no call has a price. */
function sum({ costNanoUsd }: Amount, live: LiveSpend): number | null {
  return costNanoUsd === null && live.nanoUsd === 0 ? null : (costNanoUsd ?? 0) + live.nanoUsd;
}

function callsOf({ calls, unpricedCalls }: Amount, live: LiveSpend): string {
  const all = calls + live.calls;
  const text = `${formatExactCount(all)} ${all === 1 ? "call" : "calls"}`;
  return unpricedCalls === 0 ? text : `${text}, ${formatExactCount(unpricedCalls)} unpriced`;
}
