import { Anchor, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { errorWords } from "./error-text.ts";

const UNDO_MS = 10_000;

interface DoneOptions {
  /** Takes it back, while the notice is shown. */
  undo?: () => void;
  /** Called when the notice goes and it was not taken back. */
  settle?: () => void;
}

/** Says in the corner that something was done. With `undo` it can be taken back for ten seconds. */
export function notifyDone(message: string, { undo, settle }: DoneOptions = {}): void {
  let undone = false;
  const id = notifications.show({
    icon: <IconCircleCheck size={18} aria-hidden />,
    message: (
      <>
        {message}
        {undo && (
          <>
            {" "}
            <Anchor
              component="button"
              onClick={() => {
                undone = true;
                notifications.hide(id);
                undo();
              }}
            >
              Undo
            </Anchor>
          </>
        )}
      </>
    ),
    autoClose: undo ? UNDO_MS : 4_000,
    onClose: () => {
      if (!undone) settle?.();
    },
    withBorder: true,
    className: "sw-notice",
    "data-meaning": "succeeded",
  });
}

/** Says in the corner that something failed, and stays until it is closed. `what` says what was not done, and what was kept. */
export function notifyFailed(error: unknown, what: string): void {
  const { message, requestId } = errorWords(error);
  notifications.show({
    icon: <IconCircleX size={18} aria-hidden />,
    title: what,
    message: (
      <Stack gap={4}>
        <Text size="sm">{message}</Text>
        {requestId !== null && <Text className="sw-mono sw-muted">Request {requestId}</Text>}
      </Stack>
    ),
    autoClose: false,
    withBorder: true,
    className: "sw-notice",
    "data-meaning": "failed",
    role: "alert",
  });
}
