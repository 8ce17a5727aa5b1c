import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";

interface UnsavedGuardProps {
  unsaved: boolean;
  /** Names what has changes: "The prompt". */
  what: string;
  /** Saves them before anybody is asked, where that can be done: true when nothing is unsaved afterwards. */
  save?: () => Promise<boolean>;
  /** Told while the question stands, for a dialog that is not to be closed by the Escape that answers it. */
  onAsking?: (asking: boolean) => void;
}

/** Asks before somebody leaves with work that is not saved. */
export function UnsavedGuard({ unsaved, what, save, onAsking }: UnsavedGuardProps) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: async () => unsaved && !(await save?.()),
    enableBeforeUnload: () => unsaved,
    withResolver: true,
  });
  const asked = status === "blocked";
  const tell = useEffectEvent((asking: boolean) => onAsking?.(asking));
  useEffect(() => tell(asked), [asked]);
  return <LeaveQuestion asked={asked} what={what} onLeave={() => proceed?.()} onStay={() => reset?.()} />;
}

interface LeaveQuestionProps {
  asked: boolean;
  what: string;
  onLeave: () => void;
  onStay: () => void;
}

/** The question itself, for dialogs that are closed with work that is not saved. */
export function LeaveQuestion({ asked, what, onLeave, onStay }: LeaveQuestionProps) {
  return (
    <Modal opened={asked} onClose={onStay} title="Leave without saving?">
      <Stack gap="md">
        <Text>{what} has changes that are not saved. They are lost when you leave.</Text>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onLeave}>
            Leave
          </Button>
          <Button data-autofocus onClick={onStay}>
            Stay
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
