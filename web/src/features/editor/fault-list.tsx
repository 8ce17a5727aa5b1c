import { Button, Popover } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useState } from "react";
import { counted } from "../../lib/tokens.ts";
import type { Fault } from "./state/faults.ts";

interface FaultListProps {
  /** Null before the first check. */
  faults: readonly Fault[] | null;
  /** Whether the last check could not be made. */
  unchecked: boolean;
  onGo: (fault: Fault) => void;
}

/** How many faults the draft has, and under it each with the way to its place. */
export function FaultList({ faults, unchecked, onGo }: FaultListProps) {
  const [opened, setOpened] = useState(false);
  if (faults === null) return null;
  const errors = faults.filter(({ level }) => level === "error").length;
  const warnings = faults.length - errors;
  if (faults.length === 0) {
    return (
      <span className="sw-save" data-kind="saved">
        <IconCircleCheck size={16} aria-hidden />
        {unchecked ? "Not checked" : "No faults"}
      </span>
    );
  }
  const counts = [
    ...(errors > 0 ? [counted(errors, "fault")] : []),
    ...(warnings > 0 ? [counted(warnings, "warning")] : []),
  ];
  const Icon = errors > 0 ? IconCircleX : IconAlertTriangle;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={400} trapFocus returnFocus withinPortal>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          leftSection={
            <span className="sw-fault" data-level={errors > 0 ? "error" : "warning"}>
              <Icon size={16} aria-hidden />
            </span>
          }
          onClick={() => setOpened(!opened)}
        >
          {counts.join(", ")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={4} aria-label="Faults of the draft">
        <ul className="sw-faults">
          {faults.map((fault) => (
            <li key={`${fault.place} ${fault.message}`}>
              <button
                type="button"
                onClick={() => {
                  setOpened(false);
                  onGo(fault);
                }}
              >
                <FaultSign level={fault.level} />
                <span>
                  <b>{fault.place}</b>
                  {fault.message}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function FaultSign({ level }: Pick<Fault, "level">) {
  const Icon = level === "error" ? IconCircleX : IconAlertTriangle;
  return (
    <span className="sw-fault" data-level={level}>
      <Icon size={16} role="img" aria-label={level === "error" ? "Fault" : "Warning"} />
    </span>
  );
}
