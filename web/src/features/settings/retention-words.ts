import type { Settings } from "./queries.ts";

interface RetentionField {
  name: keyof Settings;
  label: string;
  description: string;
  unit: "days" | "versions";
  most: number;
  /** What no number means, where there need be none: "Keep them for ever". */
  endless?: string;
}

/** What a workspace keeps, in the order of the page. The bounds are the API's, which says so when they change. */
export const RETENTION_FIELDS: readonly RetentionField[] = [
  {
    name: "executionDays",
    label: "Executions",
    description:
      "From their start on, with inputs, outputs, steps and logs. What they cost stays in the ledger for ever",
    unit: "days",
    most: 3_650,
    endless: "Keep them for ever",
  },
  {
    name: "logDays",
    label: "Logs",
    description: "The log lines of executions, which may go before the executions do",
    unit: "days",
    most: 3_650,
    endless: "Keep them as long as the execution",
  },
  {
    name: "callDays",
    label: "Webhook calls",
    description: "A webhook's last calls with their payloads. A shorter time holds for calls from then on",
    unit: "days",
    most: 30,
  },
  {
    name: "autoVersionDays",
    label: "Automatic versions",
    description: "What each save leaves. What was committed, restored, tagged or executed stays for ever",
    unit: "days",
    most: 3_650,
  },
  {
    name: "autoVersionsKept",
    label: "Automatic versions whatever their age",
    description: "So many of each workflow's newest ones stay in any case",
    unit: "versions",
    most: 1_000,
  },
];
