import { IconArrowFork } from "@tabler/icons-react";
import { StateBadge } from "../../ui/index.ts";

/** Says that another target than the agent's own answered. */
export function FallbackMark() {
  return (
    <StateBadge meaning="waiting" icon={IconArrowFork}>
      Fallback
    </StateBadge>
  );
}
