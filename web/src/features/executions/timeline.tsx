import { type KeyboardEvent, useLayoutEffect, useRef } from "react";
import { formatDuration } from "../../lib/duration.ts";
import { ticksOf, timelineRange } from "../../lib/timeline.ts";
import { useStable } from "../../ui/index.ts";
import type { Attempt, ExecutionDetail } from "./queries.ts";
import { TimelineRow } from "./timeline-row.tsx";
import { useClock } from "./use-clock.ts";
import "./timeline.css";

interface TimelineProps {
  execution: ExecutionDetail;
  attempts: readonly Attempt[];
  /** The node of the step that is shown below. */
  selected: string | undefined;
  onSelect: (nodeId: string | undefined) => void;
}

/** Of more steps than these nothing moves by itself, since each frame of it would cost as much as all of them. */
const MOST_MOVING = 50;
const NO_ATTEMPTS: readonly Attempt[] = [];

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
  const frame = useRef<HTMLDivElement>(null);
  const span = range.to - range.from;
  // The bars are laid out by it: time goes by for hundreds of them with one property, and without drawing them again.
  useLayoutEffect(() => frame.current?.style.setProperty("--sw-span", String(span)), [span]);
  const onToggle = useStable((nodeId: string) => onSelect(selected === nodeId ? undefined : nodeId));
  const attemptsOf = Map.groupBy(attempts, ({ nodeId }) => nodeId);
  return (
    <div className="sw-tl" data-still={execution.steps.length > MOST_MOVING} ref={frame}>
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
          <TimelineRow
            key={step.nodeId}
            step={step}
            attempts={attemptsOf.get(step.nodeId) ?? NO_ATTEMPTS}
            from={range.from}
            now={step.startedAt !== null && step.completedAt === null ? now : null}
            selected={selected === step.nodeId}
            onToggle={onToggle}
          />
        ))}
      </ol>
    </div>
  );
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
