import { checkTiming } from "./check-settings.ts";
import type { ScheduleChange } from "./inputs.ts";
import { DEFAULT_SETTINGS, merged, type ScheduleSettings } from "./settings.ts";

/**
 * The settings of a schedule that comes out of a file, paused: whoever imports it decides when it begins. What it names
 * (a version, other workflows) is the caller's to map. Throws `schedule_invalid` with the field that is wrong.
 */
export function pausedSettings(given: ScheduleChange, now: number): ScheduleSettings {
  const { settings } = checkTiming({ ...merged(DEFAULT_SETTINGS, given), enabled: 0 }, now);
  return settings;
}
