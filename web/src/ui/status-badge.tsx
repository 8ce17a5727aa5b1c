import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconCircleX,
  IconLoader2,
  type TablerIcon,
} from "@tabler/icons-react";
import type { InferResponseType } from "hono/client";
import type { ReactNode } from "react";
import type { client } from "../api/client.ts";
import "./meaning.css";

/** What a colour means, here and nowhere else. `none` is grey. */
export type Meaning = "succeeded" | "failed" | "waiting" | "running" | "none";

type Execution = InferResponseType<(typeof client.api.executions)[":id"]["$get"], 200>;

/** Every state of executions and steps. */
export type Status = Execution["status"] | Execution["steps"][number]["status"];

const ICONS = {
  succeeded: IconCircleCheck,
  failed: IconCircleX,
  waiting: IconAlertTriangle,
  running: IconLoader2,
  none: IconCircleDashed,
} satisfies Record<Meaning, TablerIcon>;

const STATUSES = {
  queued: { meaning: "none", word: "Queued" },
  pending: { meaning: "none", word: "Pending" },
  ready: { meaning: "none", word: "Ready" },
  running: { meaning: "running", word: "Running" },
  succeeded: { meaning: "succeeded", word: "Succeeded" },
  failed: { meaning: "failed", word: "Failed" },
  cancelled: { meaning: "none", word: "Cancelled", icon: IconCircleMinus },
  skipped: { meaning: "none", word: "Skipped", icon: IconCircleMinus },
} as const satisfies Record<Status, { meaning: Meaning; word: string; icon?: TablerIcon }>;

/** The state of an execution or a step. */
export function StatusBadge({ status }: { status: Status }) {
  const { meaning, word, ...rest } = STATUSES[status];
  return (
    <StateBadge meaning={meaning} {...rest}>
      {word}
    </StateBadge>
  );
}

/** What a status means, for lines and bars that are coloured by it beside a badge. */
export function meaningOf(status: Status): Meaning {
  return STATUSES[status].meaning;
}

interface StateBadgeProps {
  meaning: Meaning;
  icon?: TablerIcon;
  /** The word: a colour never stands alone. */
  children: ReactNode;
}

/** Any other state, such as a breaker's: `<StateBadge meaning="waiting">Half open</StateBadge>`. */
export function StateBadge({ meaning, icon: Icon = ICONS[meaning], children }: StateBadgeProps) {
  return (
    <span className="sw-state" data-meaning={meaning}>
      <Icon size={16} stroke={1.75} aria-hidden />
      {children}
    </span>
  );
}
