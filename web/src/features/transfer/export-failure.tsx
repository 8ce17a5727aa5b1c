import { Modal, Stack, Text } from "@mantine/core";
import { Places } from "./places.tsx";
import type { Export } from "./queries.ts";

interface ExportFailureProps {
  /** Null while the dialog is closed. */
  failed: Export | null;
  onClose: () => void;
}

/** Why a bulk export failed, with the places where there are any. */
export function ExportFailure({ failed, onClose }: ExportFailureProps) {
  return (
    <Modal opened={failed !== null} onClose={onClose} title="Why the export failed" size="lg">
      <Stack gap="md">
        <Text>{failed?.error?.message ?? "Nothing is known of it. Start another one."}</Text>
        {failed?.error && failed.error.details.length > 0 && <Places label="Places" places={failed.error.details} />}
        <Text className="sw-muted" size="sm">
          No file was kept of it.
        </Text>
      </Stack>
    </Modal>
  );
}
