import { Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { CodeText, RelativeTime, ShownOnceEnd, StateBadge } from "../../ui/index.ts";

interface ShownOnceProps {
  /** "API key", "invitation link". */
  what: string;
  /** The secret itself, with a way to copy it. */
  children: ReactNode;
  /** Null for what never expires. */
  expiresAt: string | null;
  /** What to do with it. */
  advice: string;
  /** A command that shows it in use. */
  example?: string;
  onClose: () => void;
}

/** A secret that nobody can look up again. */
export function ShownOnce({ what, children, expiresAt, advice, example, onClose }: ShownOnceProps) {
  return (
    <Stack gap="md">
      <StateBadge meaning="waiting" icon={IconAlertTriangle}>
        Copy the {what} now: it is shown this once
      </StateBadge>
      {children}
      <Text>{advice}</Text>
      {example !== undefined && <CodeText text={example} what="example" />}
      <Text className="sw-muted">
        {expiresAt === null ? (
          "It works until it is revoked."
        ) : (
          <>
            It expires <RelativeTime at={expiresAt} />.
          </>
        )}
      </Text>
      <ShownOnceEnd onClose={onClose} />
    </Stack>
  );
}
