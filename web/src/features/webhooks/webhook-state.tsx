import { IconCircleMinus, IconRefresh, IconWebhook, IconWebhookOff } from "@tabler/icons-react";
import { StateBadge } from "../../ui/index.ts";
import type { Call, Webhook } from "./queries.ts";

/** Whether a webhook takes calls. */
export function WebhookState({ enabled }: Pick<Webhook, "enabled">) {
  return (
    <StateBadge meaning="none" icon={enabled ? IconWebhook : IconWebhookOff}>
      {enabled ? "Enabled" : "Disabled"}
    </StateBadge>
  );
}

/** How a call ended. */
export function OutcomeBadge({ outcome }: Pick<Call, "outcome">) {
  switch (outcome) {
    case "started":
      return <StateBadge meaning="succeeded">Started</StateBadge>;
    case "duplicate":
      return (
        <StateBadge meaning="none" icon={IconRefresh}>
          Duplicate
        </StateBadge>
      );
    case "refused":
      return (
        <StateBadge meaning="waiting" icon={IconCircleMinus}>
          Refused
        </StateBadge>
      );
    case "failed":
      return <StateBadge meaning="failed">Failed</StateBadge>;
  }
}
