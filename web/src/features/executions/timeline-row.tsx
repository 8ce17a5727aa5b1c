import { memo } from "react";
import { formatDuration } from "../../lib/duration.ts";
import { barOf } from "../../lib/timeline.ts";
import { Duration, ModelChip, Money, meaningOf, StatusBadge, Tokens } from "../../ui/index.ts";
import { FallbackMark } from "./fallback-mark.tsx";
import type { Attempt, Step } from "./queries.ts";

interface RowProps {
  step: Step;
  /** The step's own calls. */
  attempts: readonly Attempt[];
  /** When the timeline begins (epoch ms). */
  from: number;
  /** The time (epoch ms) while the step runs, null otherwise: what has ended is not drawn again as time goes by. */
  now: number | null;
  selected: boolean;
  onToggle: (nodeId: string) => void;
}

function Row({ step, attempts, from, now, selected, onToggle }: RowProps) {
  return (
    <li>
      <button type="button" className="sw-tl-row" aria-expanded={selected} onClick={() => onToggle(step.nodeId)}>
        <span className="sw-tl-name">
          <StatusBadge status={step.status} />
          <span className="sw-tl-title">
            <b>{step.name}</b>
            {step.fallbackUsed && <FallbackMark />}
          </span>
          <span className="sw-tl-target">
            {step.provider !== null && step.model !== null && <ModelChip provider={step.provider} model={step.model} />}
          </span>
        </span>
        <Track step={step} attempts={attempts} from={from} now={now} />
        <span className="sw-tl-number">
          <Duration ms={durationOf(step, now)} />
        </span>
        <span className="sw-tl-number sw-tl-low">
          <Tokens count={step.inputTokens + step.outputTokens} />
        </span>
        <span className="sw-tl-number">{step.status !== "skipped" && <Money nanoUsd={step.costNanoUsd} />}</span>
      </button>
    </li>
  );
}

/** A step on the timeline, drawn again only when it shows something else. */
export const TimelineRow = memo(
  Row,
  (before, after) =>
    before.step === after.step &&
    before.from === after.from &&
    before.now === after.now &&
    before.selected === after.selected &&
    before.onToggle === after.onToggle &&
    before.attempts.length === after.attempts.length &&
    before.attempts.every((attempt, place) => attempt === after.attempts[place]),
);

function Track({ step, attempts, from, now }: Pick<RowProps, "step" | "attempts" | "from" | "now">) {
  const { startedAt, completedAt, status } = step;
  if (step.reused) {
    return (
      <span className="sw-tl-track sw-muted" title="It had succeeded in the execution that this one retries">
        Taken over
      </span>
    );
  }
  if (startedAt === null) return <span className="sw-tl-track" />;
  const began = Date.parse(startedAt);
  const bar = barOf(from, began, completedAt === null ? (now ?? began) : Date.parse(completedAt));
  return (
    <span className="sw-tl-track">
      <span className="sw-tl-bar" data-meaning={meaningOf(status)} style={bar} />
      {attempts.map(({ n, at, latencyMs, status: outcome, reason }) => (
        <span
          key={n}
          className="sw-tl-call"
          data-meaning={outcome}
          title={`Call ${n}, ${formatDuration(latencyMs)}: ${reason}`}
          style={barOf(from, Date.parse(at), Date.parse(at) + latencyMs)}
        />
      ))}
    </span>
  );
}

/** How long a step took, or has been taking (ms); null before it starts and for what was taken over. */
function durationOf({ startedAt, completedAt, reused }: Step, now: number | null): number | null {
  if (startedAt === null || reused) return null;
  const end = completedAt === null ? now : Date.parse(completedAt);
  return end === null ? null : Math.max(0, end - Date.parse(startedAt));
}
