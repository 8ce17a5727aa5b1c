import type { KeyboardEvent } from "react";
import { formatDuration } from "../../lib/duration.ts";
import { barOf, type TimeRange, ticksOf, timelineRange } from "../../lib/timeline.ts";
import { Duration, ModelChip, Money, meaningOf, StatusBadge, Tokens } from "../../ui/index.ts";
import { FallbackMark } from "./fallback-mark.tsx";
import type { Attempt, ExecutionDetail, Step } from "./queries.ts";
import { useClock } from "./use-clock.ts";
import "./timeline.css";

interface TimelineProps {
  execution: ExecutionDetail;
  attempts: readonly Attempt[];
  /** The node of the step that is shown below. */
  selected: string | undefined;
  onSelect: (nodeId: string | undefined) => void;
}

/** The steps of an execution over time, each with its calls to providers. A step opens by a click, Enter or Space. */
export function Timeline({ execution, attempts, selected, onSelect }: TimelineProps) {
  const now = useClock(execution.completedAt === null);
  const own = execution.steps.filter(({ reused }) => !reused);
  const known = own.flatMap(({ startedAt, completedAt }) =>
    [startedAt, completedAt].flatMap((at) => (at === null ? [] : [Date.parse(at)])),
  );
  const startedAt = Date.parse(execution.startedAt ?? execution.createdAt);
  const endedAt = execution.completedAt === null ? null : Date.parse(execution.completedAt);
  const range = timelineRange(startedAt, endedAt, known, now);
  // Those at the end would be written over its edge.
  const ticks = ticksOf(range).filter(({ left }) => left < 88);
  return (
    <div className="sw-tl">
      <div className="sw-tl-row sw-tl-head" aria-hidden>
        <span>Step</span>
        <span className="sw-tl-track">
          {ticks.map(({ left, ms }) => (
            <span key={ms} className="sw-tl-tick" style={{ left: `${left}%` }}>
              {ms === 0 ? "0" : formatDuration(ms)}
            </span>
          ))}
        </span>
        <span>Duration</span>
        <span className="sw-tl-low">Tokens</span>
        <span>Cost</span>
      </div>
      <ol className="sw-tl-steps" aria-label="Timeline" onKeyDown={walk}>
        {execution.steps.map((step) => (
          <li key={step.nodeId}>
            <button
              type="button"
              className="sw-tl-row"
              aria-expanded={selected === step.nodeId}
              onClick={() => onSelect(selected === step.nodeId ? undefined : step.nodeId)}
            >
              <span className="sw-tl-name">
                <StatusBadge status={step.status} />
                <span className="sw-tl-title">
                  <b>{step.name}</b>
                  {step.fallbackUsed && <FallbackMark />}
                </span>
                <span className="sw-tl-target">
                  {step.provider !== null && step.model !== null && (
                    <ModelChip provider={step.provider} model={step.model} />
                  )}
                </span>
              </span>
              <Track step={step} attempts={attempts} range={range} now={now} />
              <span className="sw-tl-number">
                <Duration ms={durationOf(step, now)} />
              </span>
              <span className="sw-tl-number sw-tl-low">
                <Tokens count={step.inputTokens + step.outputTokens} />
              </span>
              <span className="sw-tl-number">{step.status !== "skipped" && <Money nanoUsd={step.costNanoUsd} />}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

interface TrackProps {
  step: Step;
  attempts: readonly Attempt[];
  range: TimeRange;
  now: number;
}

function Track({ step, attempts, range, now }: TrackProps) {
  const { startedAt, completedAt, status } = step;
  if (step.reused) {
    return (
      <span className="sw-tl-track sw-muted" title="It had succeeded in the execution that this one retries">
        Taken over
      </span>
    );
  }
  if (startedAt === null) return <span className="sw-tl-track" />;
  const bar = barOf(range, Date.parse(startedAt), completedAt === null ? now : Date.parse(completedAt));
  return (
    <span className="sw-tl-track">
      <span className="sw-tl-bar" data-meaning={meaningOf(status)} style={percent(bar)} />
      {attempts
        .filter(({ nodeId }) => nodeId === step.nodeId)
        .map(({ n, at, latencyMs, status: outcome, reason }) => (
          <span
            key={n}
            className="sw-tl-call"
            data-meaning={outcome}
            title={`Call ${n}, ${formatDuration(latencyMs)}: ${reason}`}
            style={percent(barOf(range, Date.parse(at), Date.parse(at) + latencyMs))}
          />
        ))}
    </span>
  );
}

function percent({ left, width }: { left: number; width: number }) {
  return { left: `${left}%`, width: `${width}%` };
}

/** How long a step took, or has been taking (ms); null before it starts and for what was taken over. */
function durationOf({ startedAt, completedAt, reused }: Step, now: number): number | null {
  if (startedAt === null || reused) return null;
  return Math.max(0, (completedAt === null ? now : Date.parse(completedAt)) - Date.parse(startedAt));
}

/** The arrow keys go from step to step. */
function walk(event: KeyboardEvent<HTMLOListElement>): void {
  const towards = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (towards === undefined) return;
  const rows = [...event.currentTarget.querySelectorAll("button")];
  const next = event.target instanceof HTMLButtonElement ? rows[rows.indexOf(event.target) + towards] : undefined;
  if (!next) return;
  event.preventDefault();
  next.focus();
}
