import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { SecretField } from "../../ui/index.ts";

/** The secret that signs a budget's webhook, this once. Closed by a button only: it cannot be had again. */
export function WebhookSecret({ secret, onClose }: { secret: string | null; onClose: () => void }) {
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title="Secret of the webhook"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      {secret !== null && (
        <Stack gap="md">
          <Text>
            Alerts are signed with it after Standard Webhooks, so that their receiver can tell them from forgeries. It
            is not shown again: keep it where the receiver finds it.
          </Text>
          <SecretField value={secret} what="secret" />
          <Group justify="flex-end">
            <Button onClick={onClose}>I have kept it</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
