import { useQuery } from "@tanstack/react-query";
import { Loaded, Section } from "../../ui/index.ts";
import { NextRuns } from "./next-runs.tsx";
import { previewQuery, type Schedule } from "./queries.ts";

/** The next five runs of a schedule; of a paused one, what they would be. Nothing for one that has no times. */
export function ComingRuns({ schedule }: { schedule: Schedule }) {
  const { cronExpression } = schedule;
  return cronExpression === null ? null : <Coming schedule={schedule} cronExpression={cronExpression} />;
}

function Coming({ schedule, cronExpression }: { schedule: Schedule; cronExpression: string }) {
  const { enabled, timezone, dst, startAt, endAt } = schedule;
  const begins = startAt !== null && Date.parse(startAt) > Date.now() ? Date.parse(startAt) : null;
  const preview = useQuery(
    previewQuery({
      cronExpression,
      timezone,
      dst,
      ...(begins === null ? {} : { from: new Date(begins - 1).toISOString() }),
    }),
  );
  return (
    <Section
      title="Next runs"
      sentence={enabled ? undefined : "Paused: this is when it would run if it were resumed now."}
    >
      <Loaded query={preview} title="The next runs are not known">
        {({ runs, notes }) => {
          const left = runs.filter((run) => endAt === null || run <= endAt);
          if (left.length === 0) return <p className="sw-muted">It has ended: no run is left.</p>;
          return (
            <div className="sw-coming" data-paused={!enabled}>
              <NextRuns runs={left} notes={notes} timezone={timezone} />
            </div>
          );
        }}
      </Loaded>
    </Section>
  );
}
