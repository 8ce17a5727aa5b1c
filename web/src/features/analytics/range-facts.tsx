import { formatMoney } from "../../lib/money.ts";
import { formatShare } from "../../lib/share.ts";
import { formatExactCount } from "../../lib/tokens.ts";
import { Missing, Money, Tokens } from "../../ui/index.ts";
import type { Costs } from "./queries.ts";

interface RangeFactsProps {
  costs: Costs | undefined;
  /** The costs of as many days before. */
  before: Costs | undefined;
  days: number;
  /** Whether only calls to one provider or model are counted: executions are none's own. */
  ofSomeCalls: boolean;
}

/** What a range came to. */
export function RangeFacts({ costs, before, days, ofSomeCalls }: RangeFactsProps) {
  return (
    <dl className="sw-figures" aria-label="In this range">
      <Fact label="Spent" note={costs && compared(costs.totalCostNanoUsd, before?.totalCostNanoUsd ?? null, days)}>
        {costs && <Money nanoUsd={costs.totalCostNanoUsd} />}
      </Fact>
      <Fact label="Cost per success" note="Failures are shared among successes">
        {costs && <CostPerSuccess costs={costs} />}
      </Fact>
      <Fact
        label={ofSomeCalls ? "Executions, whatever they called" : "Executions"}
        note={costs && outcomes(costs.executions)}
      >
        {costs && <span className="sw-number">{formatExactCount(ended(costs.executions))}</span>}
      </Fact>
      <Fact
        label="Tokens"
        note={
          costs && (
            <>
              <Tokens count={costs.inputTokens} /> in, <Tokens count={costs.outputTokens} /> out
            </>
          )
        }
      >
        {costs && <Tokens count={costs.inputTokens + costs.outputTokens} />}
      </Fact>
    </dl>
  );
}

function Fact({ label, note, children }: { label: string; note: React.ReactNode; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="sw-figure">{children ?? <span>&nbsp;</span>}</dd>
      <dd className="sw-figure-note">{note ?? <span>&nbsp;</span>}</dd>
    </div>
  );
}

function CostPerSuccess({ costs: { costPerSuccessfulExecution: each } }: { costs: Costs }) {
  return each === null ? <Missing /> : <Money nanoUsd={each.costNanoUsd} />;
}

function ended({ succeeded, failed, cancelled }: Costs["executions"]): number {
  return succeeded + failed + cancelled;
}

function outcomes({ succeeded, failed, cancelled }: Costs["executions"]): string {
  const parts = [`${formatExactCount(succeeded)} succeeded`, `${formatExactCount(failed)} failed`];
  return (cancelled === 0 ? parts : [...parts, `${formatExactCount(cancelled)} cancelled`]).join(", ");
}

/** Against as many days before; said only where both are known and there was something to compare with. */
function compared(now: number | null, before: number | null, days: number): string | null {
  const span = days === 1 ? "the day before" : `the ${days} days before`;
  if (now === null || before === null) return null;
  if (before === 0) return `Nothing in ${span}`;
  if (now === before) return `As much as ${span}`;
  const times = Math.abs(now - before) / before;
  const share =
    times >= 10 ? formatMoney(Math.abs(now - before)) : times > 1 ? `${Math.round(times * 100)} %` : formatShare(times);
  return `${share} ${now > before ? "more" : "less"} than ${span}`;
}
