import type { FoundRun, Where } from "./next-run.ts";
import { type ClockChange, zoneOf } from "./timezone.ts";

/** What a change of the clocks means for a run, in a sentence for the person who previews it. */
export function noteOf(run: FoundRun, { timezone, dst }: Where): string | null {
  if (run.swallowed !== null) {
    const { change, wall, moved } = run.swallowed;
    const lost = timeOf(wall);
    const fate = moved
      ? `${lost} does not exist then, so it runs at this moment`
      : `${lost} does not exist and is skipped`;
    return `${sentence(change)}: ${fate}.`;
  }
  const zone = zoneOf(timezone);
  const { offset } = zone.offsetAt(run.at);
  const time = timeOf(run.at + offset);
  const past = zone.changeBefore(run.at);
  if (past !== null && run.at < past.at + past.before - past.after) {
    return `${sentence(past)}: ${time} comes twice, and this is the second.`;
  }
  const coming = zone.changeAfter(run.at);
  if (coming !== null && run.at >= coming.at - (coming.before - coming.after)) {
    const second = dst.overlap === "both" ? "this is the first" : "it runs this first time only";
    return `${sentence(coming)}: ${time} comes twice, and ${second}.`;
  }
  return null;
}

/** "Clocks go forward from 02:00 to 03:00 on 2026-03-08", with both dates when the change leads to another day. */
function sentence({ at, before, after }: ClockChange): string {
  const way = after > before ? "forward" : "back";
  const [from, to] = [at + before, at + after];
  const [fromDay, toDay] = [dayOf(from), dayOf(to)];
  if (fromDay === toDay) return `Clocks go ${way} from ${timeOf(from)} to ${timeOf(to)} on ${fromDay}`;
  return `Clocks go ${way} from ${fromDay} ${timeOf(from)} to ${toDay} ${timeOf(to)}`;
}

function dayOf(wall: number): string {
  return new Date(wall).toISOString().slice(0, 10);
}

function timeOf(wall: number): string {
  return new Date(wall).toISOString().slice(11, 16);
}
