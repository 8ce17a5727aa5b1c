import { IconAlertTriangle, IconCircleX } from "@tabler/icons-react";
import type { FaultMark } from "./types.ts";

/** Marks what validation found something about; the words come on hover and with the label of what it stands on. */
export function FaultIcon({ fault: { level, message } }: { fault: FaultMark }) {
  const Icon = level === "error" ? IconCircleX : IconAlertTriangle;
  return (
    <span className="sw-fault" data-level={level} title={message}>
      <Icon size={16} stroke={2} aria-hidden />
    </span>
  );
}
