import { ActionIcon } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { notifyFailed } from "./notify.tsx";

const SHOWN_MS = 1_500;

/** Copies a text, and says so. `what` names it for people: "Copy id". Stops clicks from reaching the row around it. */
export function CopyButton({ value, what }: { value: string; what: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const Icon = copied ? IconCheck : IconCopy;
  return (
    <ActionIcon
      size="sm"
      variant="subtle"
      color="gray"
      aria-label={copied ? "Copied" : `Copy ${what}`}
      title={copied ? "Copied" : `Copy ${what}`}
      onClick={(event) => {
        event.stopPropagation();
        navigator.clipboard.writeText(value).then(
          () => setCopied(true),
          (error: unknown) => notifyFailed(error, `The ${what} was not copied: the browser did not allow it.`),
        );
      }}
    >
      <Icon size={14} stroke={1.75} aria-hidden />
    </ActionIcon>
  );
}
