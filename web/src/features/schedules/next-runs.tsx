import { IconClockExclamation } from "@tabler/icons-react";
import { RelativeTime } from "../../ui/index.ts";
import { dayAndTime, offsetName, viewerZone } from "./zone-time.ts";

interface NextRunsProps {
  runs: readonly string[];
  notes: readonly { run: string; note: string }[];
  timezone: string;
}

/** The runs to come, by the schedule's clocks and by the viewer's, with what changes of the clocks do to them. */
export function NextRuns({ runs, notes, timezone }: NextRunsProps) {
  const mine = viewerZone();
  const elsewhere = mine !== timezone;
  return (
    <table className="sw-next-runs" aria-label="Next runs">
      <thead>
        <tr>
          <th scope="col">{timezone.replaceAll("_", " ")}</th>
          {elsewhere && <th scope="col">Your time ({mine.replaceAll("_", " ")})</th>}
          <th scope="col" data-align="right">
            When
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => {
          const at = Date.parse(run);
          const note = notes.find((each) => each.run === run)?.note;
          return (
            <tr key={run}>
              <td>
                <span className="sw-number" title={offsetName(timezone, at)}>
                  {dayAndTime(at, timezone)}
                </span>
                {note !== undefined && (
                  <span className="sw-run-note">
                    <IconClockExclamation size={14} aria-hidden />
                    {note}
                  </span>
                )}
              </td>
              {elsewhere && <td className="sw-number">{dayAndTime(at, mine)}</td>}
              <td data-align="right" className="sw-muted">
                <RelativeTime at={run} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
