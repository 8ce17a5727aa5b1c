import { Button, Group, Modal, NativeSelect, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { ErrorState, notifyDone } from "../../ui/index.ts";
import { useRegenerate } from "./queries.ts";

const GRACES = [
  { value: "0", label: "Not at all: it ends now" },
  { value: "3600", label: "For an hour" },
  { value: "86400", label: "For a day" },
  { value: "604800", label: "For a week" },
  { value: "2592000", label: "For 30 days" },
];

interface RegenerateSecretProps {
  webhookId: string;
  opened: boolean;
  onClose: () => void;
}

/** Gives a webhook a new secret, with time to tell the senders. */
export function RegenerateSecret({ webhookId, opened, onClose }: RegenerateSecretProps) {
  const regenerate = useRegenerate(webhookId);
  const [grace, setGrace] = useState("86400");
  const close = () => {
    regenerate.reset();
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title="Regenerate secret">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          regenerate.mutate(Number(grace), {
            onSuccess: () => {
              notifyDone("There is a new secret, and so a new URL. Give it to the senders.");
              close();
            },
          });
        }}
      >
        <Stack gap="md">
          <Text>
            The secret stands in the URL, and signs calls unless a sender dictates another. Senders have to be given the
            new URL.
          </Text>
          <NativeSelect
            data-autofocus
            label="How long the old one stays valid"
            data={GRACES}
            value={grace}
            onChange={(event) => setGrace(event.currentTarget.value)}
          />
          {regenerate.error && <ErrorState error={regenerate.error} title="The secret is as it was" />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={regenerate.isPending}>
              Regenerate secret
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
