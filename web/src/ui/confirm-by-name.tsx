import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ErrorState } from "./states.tsx";

interface ConfirmByNameProps {
  /** The name to type; null while the dialog is closed. */
  name: string | null;
  /** What is done, as on the button: "Delete workflow". */
  verb: string;
  /** What goes with it, and what is kept. */
  children: ReactNode;
  /** Does it. What it throws is shown, and the dialog stays. */
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

/** For what cannot be undone: the name has to be typed. */
export function ConfirmByName({ name, verb, children, onConfirm, onClose }: ConfirmByNameProps) {
  return (
    <Modal opened={name !== null} onClose={onClose} title={verb}>
      {name !== null && (
        <Question name={name} verb={verb} onConfirm={onConfirm} onClose={onClose}>
          {children}
        </Question>
      )}
    </Modal>
  );
}

function Question({ name, verb, children, onConfirm, onClose }: ConfirmByNameProps & { name: string }) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const matches = typed.trim() === name.trim();
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (matches && !busy) void confirm();
      }}
    >
      <Stack gap="md">
        <Text>{children}</Text>
        <TextInput
          data-autofocus
          autoComplete="off"
          label={
            <>
              Type <b>{name}</b> to go on
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {error !== null && <ErrorState error={error} title="Nothing was done" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red" disabled={!matches} loading={busy}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
