import type { Budget } from "./queries.ts";

/** What a period is called. */
export const PERIODS = { day: "Day", week: "Week, from Monday", month: "Month" } as const satisfies Record<
  Budget["period"],
  string
>;

/** What happens at the limit. */
export const ACTIONS = { alert: "Alerts, and calls go on", block: "Refuses calls past it" } as const satisfies Record<
  Budget["action"],
  string
>;

/** "50, 80, 100" as the percentages that it lists, and null for what is no such list. An empty one is no alert. */
export function percentages(text: string): number[] | null {
  const parts = text.split(/[\s,;%]+/).filter((part) => part !== "");
  const values = parts.map(Number);
  return values.every((value) => Number.isInteger(value) && value >= 1 && value <= 100) ? values : null;
}
