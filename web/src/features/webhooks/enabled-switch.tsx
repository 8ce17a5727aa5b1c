import { Switch } from "@mantine/core";
import { notifyDone, notifyFailed } from "../../ui/index.ts";
import { useChangeWebhook, type Webhook } from "./queries.ts";
import { WebhookState } from "./webhook-state.tsx";

/** Whether a webhook takes calls, to be switched by those who may. Disabled, it answers as if it were not there. */
export function EnabledSwitch({ webhook, mayEdit }: { webhook: Webhook; mayEdit: boolean }) {
  const { mutate } = useChangeWebhook(webhook.id);
  if (!mayEdit) return <WebhookState {...webhook} />;
  const set = (enabled: boolean, done: () => void) =>
    mutate(
      { enabled },
      {
        onSuccess: done,
        onError: (error) => notifyFailed(error, `The webhook was not ${enabled ? "enabled" : "disabled"}.`),
      },
    );
  return (
    <Switch
      label="Enabled"
      checked={webhook.enabled}
      onChange={({ currentTarget: { checked } }) =>
        set(checked, () =>
          notifyDone(checked ? "Enabled. It takes calls again." : "Disabled. Calls are answered 404.", {
            undo: () => set(!checked, () => notifyDone(checked ? "Disabled." : "Enabled.")),
          }),
        )
      }
    />
  );
}
