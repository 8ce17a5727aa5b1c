import { VisuallyHidden } from "@mantine/core";
import { IconRepeat } from "@tabler/icons-react";
import { useState } from "react";
import { PageLink } from "../../ui/index.ts";
import type { Upcoming } from "./queries.ts";
import { clockTime } from "./zone-time.ts";

type Day = Upcoming["days"][number];
type Item = Day["items"][number];

/** What runs more often on a day stands as one line that says how often. */
const MOST_LINES = 3;
/** What else a day has is unfolded: two hundred schedules would push the list below off the page. */
const MOST_ENTRIES = 8;

/** The days to come, each a column with what runs on it by the viewer's clock. */
export function WeekCalendar({ upcoming: { days, timezone } }: { upcoming: Upcoming }) {
  return (
    <ol className="sw-week" aria-label="The next seven days">
      {days.map((day, place) => (
        <DayColumn key={day.date} day={day} timezone={timezone} isToday={place === 0} />
      ))}
    </ol>
  );
}

function DayColumn({ day, timezone, isToday }: { day: Day; timezone: string; isToday: boolean }) {
  const [unfolded, setUnfolded] = useState(false);
  const frequent = day.items.filter(isFrequent).map((item) => <Entry key={item.scheduleId} item={item} time={null} />);
  const single = singleRuns(day).map(({ item, run }) => (
    <Entry key={`${item.scheduleId} ${run}`} item={item} time={clockTime(Date.parse(run), timezone)} />
  ));
  const entries = [...frequent, ...single];
  // One more line is not worth a button that takes a line itself.
  const folds = entries.length > MOST_ENTRIES + 1;
  const date = named(day.date, { day: "numeric", month: "short" });
  return (
    <li className="sw-day">
      <h3>
        {isToday ? "Today" : named(day.date, { weekday: "short" })}
        <span className="sw-muted">{date}</span>
      </h3>
      {entries.length === 0 && <p className="sw-muted">Nothing</p>}
      <ul>{folds && !unfolded ? firstOf(frequent, single) : entries}</ul>
      {folds && (
        <button
          type="button"
          className="sw-day-more"
          aria-expanded={unfolded}
          onClick={() => setUnfolded((before) => !before)}
        >
          {unfolded ? "Show fewer" : `${entries.length - MOST_ENTRIES} more`}
          <VisuallyHidden> on {date}</VisuallyHidden>
        </button>
      )}
    </li>
  );
}

function Entry({ item, time }: { item: Item; time: string | null }) {
  const { workflowId, scheduleId, workflowName, description, timezone } = item;
  return (
    <li className="sw-entry" title={`${description} (${timezone})`}>
      <span className="sw-entry-when sw-number sw-muted">
        {time ?? (
          <>
            <IconRepeat size={12} aria-hidden /> {description}
          </>
        )}
      </span>
      <PageLink to="/workflows/$workflowId/schedules/$scheduleId" params={{ workflowId, scheduleId }}>
        {workflowName}
      </PageLink>
    </li>
  );
}

/** What runs all day leaves half of the lines to what runs at its time, where there is so much. */
function firstOf<Line>(frequent: readonly Line[], single: readonly Line[]): Line[] {
  const first = frequent.slice(0, Math.max(MOST_ENTRIES / 2, MOST_ENTRIES - single.length));
  return [...first, ...single.slice(0, MOST_ENTRIES - first.length)];
}

function isFrequent({ runs, more }: Item): boolean {
  return more || runs.length > MOST_LINES;
}

/** Each run of the day that stands alone, by its time. */
function singleRuns({ items }: Day): { item: Item; run: string }[] {
  return items
    .filter((item) => !isFrequent(item))
    .flatMap((item) => item.runs.map((run) => ({ item, run })))
    .toSorted((a, b) => a.run.localeCompare(b.run));
}

/** A date is no moment: as one it would be another day west of Greenwich. */
function named(date: string, how: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-GB", { ...how, timeZone: "UTC" }).format(Date.parse(date));
}
