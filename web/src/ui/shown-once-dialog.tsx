import { Button, Group, Modal } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";

interface ShownOnceDialogProps {
  opened: boolean;
  title: string;
  /** From the request on that makes the secret: what nobody has seen yet must not be closed either. */
  held: boolean;
  onClose: () => void;
  children: ReactNode;
}

/**
 * A dialog that shows a secret which cannot be had again. While it is `held`, neither a key nor a click outside nor leaving
 * the page takes it away: only the button of {@link ShownOnceEnd}.
 */
export function ShownOnceDialog({ opened, title, held, onClose, children }: ShownOnceDialogProps) {
  useBlocker({ shouldBlockFn: () => true, enableBeforeUnload: true, disabled: !(opened && held) });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={!held}
      withCloseButton={!held}
    >
      {children}
    </Modal>
  );
}

/** The one way out of a {@link ShownOnceDialog} that shows its secret. */
export function ShownOnceEnd({ onClose }: { onClose: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  // The button that made the secret is gone, and with it the focus. Never on the way out: Enter, pressed twice, would take it.
  useEffect(() => {
    const dialog = end.current?.closest("[role=dialog]");
    dialog?.querySelector<HTMLElement>("button[aria-label^=Copy]")?.focus();
  }, []);
  return (
    <Group justify="flex-end" ref={end}>
      <Button onClick={onClose}>I have copied it</Button>
    </Group>
  );
}
