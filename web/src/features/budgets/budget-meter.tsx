import { shareOf } from "../../lib/share.ts";
import { type Meaning, Money, StateBadge } from "../../ui/index.ts";
import type { Budget } from "./queries.ts";
import "./budgets.css";

/** How much of a budget is gone: spent, reserved for calls under way, and where it alerts. In figures too. */
export function BudgetMeter({ budget }: { budget: Budget }) {
  const { spentNanoUsd, reservedNanoUsd, limitNanoUsd, alertAt } = budget;
  const spent = shareOf(spentNanoUsd, limitNanoUsd);
  const reserved = Math.min(1 - spent, shareOf(reservedNanoUsd, limitNanoUsd));
  const { meaning, word } = stateOf(budget);
  return (
    <div className="sw-budget">
      <div className="sw-budget-figures">
        <span>
          <Money nanoUsd={spentNanoUsd} /> of <Money nanoUsd={limitNanoUsd} />
          {reservedNanoUsd > 0 && (
            <span className="sw-muted">
              {" "}
              and <Money nanoUsd={reservedNanoUsd} /> reserved
            </span>
          )}
        </span>
        <StateBadge meaning={meaning}>{word}</StateBadge>
      </div>
      {/* All that it shows is said in the line above. */}
      <div className="sw-budget-track" data-meaning={meaning} aria-hidden>
        <span style={{ width: `${spent * 100}%` }} />
        <span className="sw-budget-reserved" style={{ width: `${reserved * 100}%` }} />
        {alertAt
          .filter((at) => at < 100)
          .map((at) => (
            <i key={at} style={{ left: `${at}%` }} title={`Alerts at ${at} %`} />
          ))}
      </div>
    </div>
  );
}

function stateOf({ spentNanoUsd, limitNanoUsd, alertAt }: Budget): { meaning: Meaning; word: string } {
  const percent = Math.floor(shareOf(spentNanoUsd, limitNanoUsd) * 100);
  if (spentNanoUsd >= limitNanoUsd) return { meaning: "failed", word: "Limit reached" };
  const reached = alertAt.findLast((at) => percent >= at);
  return reached === undefined
    ? { meaning: "succeeded", word: `${percent} %` }
    : { meaning: "waiting", word: `${percent} %, past ${reached} %` };
}
