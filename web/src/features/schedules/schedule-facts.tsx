import type { ReactNode } from "react";
import { formatDuration } from "../../lib/duration.ts";
import { counted } from "../../lib/tokens.ts";
import { CodeText, JsonView, RelativeTime } from "../../ui/index.ts";
import type { Schedule } from "./queries.ts";
import { dayAndTime, viewerZone } from "./zone-time.ts";

const OVERLAPS = { skip: "Skip the new one", queue: "Queue one", allow: "Run side by side" } as const;
const CATCH_UPS = { once: "Run once for all", skip: "Skip", all: "Run each" } as const;

interface ScheduleFactsProps {
  schedule: Schedule;
  nameOf: (workflowId: string) => string | undefined;
}

/** What a schedule is set to, in words. */
export function ScheduleFacts({ schedule, nameOf }: ScheduleFactsProps) {
  const { cronExpression, condition, input, startAt, endAt, maxRetries, pauseAfterFailures, jitterSeconds } = schedule;
  const mine = viewerZone();
  return (
    <>
      <dl className="sw-schedule-facts">
        {cronExpression !== null && (
          <>
            <Fact name="Cron expression">
              <span className="sw-mono">{cronExpression}</span>
            </Fact>
            <Fact name="Time zone">{schedule.timezone.replaceAll("_", " ")}</Fact>
          </>
        )}
        <Fact name="Version">{schedule.version ?? "The draft"}</Fact>
        <Fact name="While the run before is under way">{OVERLAPS[schedule.overlap]}</Fact>
        {cronExpression !== null && <Fact name="Times that were missed">{CATCH_UPS[schedule.catchUp]}</Fact>}
        <Fact name="When a run fails">
          {maxRetries === 0
            ? "No retries"
            : `${counted(maxRetries, "retry", "retries")}, the first after ${formatDuration(schedule.retryDelaySeconds * 1_000)}`}
        </Fact>
        <Fact name="Pauses itself">
          {pauseAfterFailures === null ? "Never" : `After ${counted(pauseAfterFailures, "failure")} in a row`}
        </Fact>
        {jitterSeconds > 0 && <Fact name="Starts are spread over">{formatDuration(jitterSeconds * 1_000)}</Fact>}
        {startAt !== null && <Fact name="Not before">{dayAndTime(Date.parse(startAt), mine)}</Fact>}
        {endAt !== null && <Fact name="Not after">{dayAndTime(Date.parse(endAt), mine)}</Fact>}
        <Fact name="Executions">{schedule.executionCount}</Fact>
        <Fact name="Last run">
          <RelativeTime at={schedule.lastRunAt} />
        </Fact>
      </dl>
      {condition !== null && (
        <div>
          <p className="sw-fact-name">
            Only when, over the last execution of{" "}
            {condition.workflowId === undefined
              ? "this workflow"
              : (nameOf(condition.workflowId) ?? "another workflow")}
          </p>
          <CodeText text={condition.expression} what="condition" />
        </div>
      )}
      {input !== null && (
        <div>
          <p className="sw-fact-name">Input</p>
          {typeof input === "string" ? <CodeText text={input} what="input" /> : <JsonView value={input} what="input" />}
        </div>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
