import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { EmptyState, Section } from "../../ui/index.ts";
import { EventTable, useEvents } from "../analytics/index.ts";

const KINDS = [
  { value: "budget_alert", label: "Alerts" },
  { value: "budget_refused", label: "Refused calls" },
] as const;

/** What budgets have told: percentages that were reached, and calls that were refused. */
export function AlertHistory() {
  const [kind, setKind] = useState<(typeof KINDS)[number]["value"]>("budget_alert");
  const list = useEvents({ type: kind, from: undefined, to: undefined });
  return (
    <Section
      title="History"
      sentence="Each percentage is told once a period, and so is the first call that is refused."
      action={
        <SegmentedControl
          aria-label="What budgets told"
          size="xs"
          data={[...KINDS]}
          value={kind}
          onChange={(value) => setKind(value === "budget_refused" ? "budget_refused" : "budget_alert")}
        />
      }
    >
      <EventTable
        label="History of budgets"
        list={list}
        empty={
          kind === "budget_alert" ? (
            <EmptyState title="No alerts yet">
              When spending reaches a percentage that a budget alerts at, it is told here and to the budget's webhook.
            </EmptyState>
          ) : (
            <EmptyState title="No call was refused">
              A budget that refuses calls tells here of the first one in each of its periods, with its execution.
            </EmptyState>
          )
        }
      />
    </Section>
  );
}
