import { Stack, Text } from "@mantine/core";
import { SecretField, ShownOnceDialog, ShownOnceEnd } from "../../ui/index.ts";

/** The secret that signs a budget's webhook, this once. */
export function WebhookSecret({ secret, onClose }: { secret: string | null; onClose: () => void }) {
  return (
    <ShownOnceDialog opened={secret !== null} title="Secret of the webhook" held onClose={onClose}>
      {secret !== null && (
        <Stack gap="md">
          <Text>
            Alerts are signed with it after Standard Webhooks, so that their receiver can tell them from forgeries. It
            is not shown again: keep it where the receiver finds it.
          </Text>
          <SecretField value={secret} what="secret" />
          <ShownOnceEnd onClose={onClose} />
        </Stack>
      )}
    </ShownOnceDialog>
  );
}
