import { StateBadge, useNow } from "../../ui/index.ts";

interface RetiredMarkProps {
  /** The day from which the provider refuses the model; may lie ahead. */
  at: string;
  successor: string | null;
}

/** Says that a model is not served any more, or until when it is, and what takes its place. */
export function RetiredMark({ at, successor }: RetiredMarkProps) {
  const over = Date.parse(at) <= useNow();
  const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(Date.parse(at));
  if (over) {
    return (
      <StateBadge meaning="waiting">
        Retired {day}
        {successor !== null && `, now ${successor}`}
      </StateBadge>
    );
  }
  return (
    <span className="sw-muted">
      Until {day}
      {successor !== null && `, then ${successor}`}
    </span>
  );
}
