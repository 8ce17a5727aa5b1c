import { Progress } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { formatExactCount } from "../../lib/tokens.ts";
import { StateBadge } from "../../ui/index.ts";
import { type Export, isUnderWay } from "./queries.ts";

const STATES = {
  queued: { meaning: "none", word: "Queued" },
  running: { meaning: "running", word: "Running" },
  ready: { meaning: "succeeded", word: "Ready" },
  failed: { meaning: "failed", word: "Failed" },
  expired: { meaning: "none", word: "Expired", icon: IconClock },
} as const satisfies Record<Export["status"], object>;

/** How far an export is, in words. */
export function ExportState({ status }: Pick<Export, "status">) {
  const { word, ...state } = STATES[status];
  return <StateBadge {...state}>{word}</StateBadge>;
}

/** How many of an export's workflows are in its file, as a bar while there are more to come. */
export function ExportProgress({ status, done, total }: Pick<Export, "status" | "done" | "total">) {
  const words = `${formatExactCount(done)} of ${formatExactCount(total)}`;
  if (!isUnderWay({ status })) return <span className="sw-number">{status === "failed" ? words : total}</span>;
  return (
    <span className="sw-progress">
      <Progress value={total === 0 ? 0 : (done / total) * 100} aria-label="Workflows in the file" />
      <span className="sw-number">{words}</span>
    </span>
  );
}
