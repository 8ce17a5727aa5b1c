import { Button, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../../api/api-error.ts";
import { changedFields } from "../../lib/changed-fields.ts";
import { shortId } from "../../lib/ids.ts";
import { ConfirmByName, ErrorState, notifyDone, Section, UnsavedGuard, VersionField } from "../../ui/index.ts";
import { useChangeWebhook, useDeleteWebhook, type Webhook } from "./queries.ts";
import { allowlistFault, type SettingsDraft, settingsBody, settingsDraft } from "./settings-draft.ts";

/** Who may call and how often, what is run, and when the secret changes. */
export function SettingsTab({ webhook, mayEdit }: { webhook: Webhook; mayEdit: boolean }) {
  const change = useChangeWebhook(webhook.id);
  const saved = settingsDraft(webhook);
  // What is not typed here follows what is stored, and is not sent back: somebody else may have changed it meanwhile.
  const [typed, setTyped] = useState<Partial<SettingsDraft>>({});
  const draft = { ...saved, ...typed };
  const refusal = change.error instanceof ApiError ? change.error : null;
  const missing = refusal?.code === "version_not_found" ? refusal.message : undefined;
  const changed = JSON.stringify(draft) !== JSON.stringify(saved);
  const edit = (changes: Partial<SettingsDraft>) => {
    setTyped({ ...typed, ...changes });
    change.reset();
  };
  const faults = {
    addresses: refusal ? allowlistFault(refusal.details, draft.addresses) : undefined,
    limit: refusal?.detailOf("rateLimit.limit"),
    windowSeconds: refusal?.detailOf("rateLimit.windowSeconds"),
    rotateAfterDays: refusal?.detailOf("rotateAfterDays"),
    version: missing ?? refusal?.detailOf("version"),
  };
  const atField = Object.values(faults).some((fault) => fault !== undefined);
  const number = { inputMode: "numeric", autoComplete: "off", disabled: !mayEdit } as const;
  return (
    <div className="sw-webhook-settings">
      <Section title="Settings" sentence="Who may call, how often, and what is run.">
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate(changedFields(settingsBody(saved), settingsBody(draft)), {
              onSuccess: () => {
                // As it is stored: addresses are written in one way.
                setTyped({});
                notifyDone("Saved. They hold for the next call.");
              },
            });
          }}
        >
          <Stack gap="md">
            <Textarea
              label="Addresses that may call (optional)"
              description="IP addresses and networks such as 192.0.2.0/24 or 2001:db8::/32, one a line. Left empty, any may."
              classNames={{ input: "sw-mono" }}
              autosize
              minRows={3}
              maxRows={12}
              spellCheck={false}
              disabled={!mayEdit}
              value={draft.addresses}
              error={faults.addresses}
              onChange={(event) => edit({ addresses: event.currentTarget.value })}
            />
            <Group gap="sm" grow align="start">
              <TextInput
                label="Calls at most"
                description="More are answered 429, with when to come back."
                {...number}
                value={draft.limit}
                error={faults.limit}
                onChange={(event) => edit({ limit: event.currentTarget.value })}
              />
              <TextInput
                label="In so many seconds"
                description="The window slides: 3600 is an hour."
                {...number}
                value={draft.windowSeconds}
                error={faults.windowSeconds}
                onChange={(event) => edit({ windowSeconds: event.currentTarget.value })}
              />
            </Group>
            <TextInput
              label="New secret every so many days (optional)"
              description="The old one stays valid for seven more days, and an event tells of it. Left empty, never."
              placeholder="Never"
              {...number}
              value={draft.rotateAfterDays}
              error={faults.rotateAfterDays}
              onChange={(event) => edit({ rotateAfterDays: event.currentTarget.value })}
            />
            <VersionField
              workflowId={webhook.workflowId}
              value={draft.version}
              error={faults.version}
              disabled={!mayEdit}
              onChange={(version) => edit({ version })}
            />
            {change.error && !atField && (
              <ErrorState error={change.error} title="The settings were not saved. What you entered is kept" />
            )}
            {mayEdit && (
              <Group justify="flex-end">
                <Button type="submit" disabled={!changed} loading={change.isPending}>
                  Save settings
                </Button>
              </Group>
            )}
          </Stack>
        </form>
      </Section>
      {mayEdit && <Deletion webhook={webhook} />}
      <UnsavedGuard unsaved={changed && !change.isPending} what="The settings" />
    </div>
  );
}

function Deletion({ webhook: { id, workflowId } }: { webhook: Webhook }) {
  const navigate = useNavigate();
  const remove = useDeleteWebhook();
  const [asking, setAsking] = useState(false);
  return (
    <Section
      title="Delete webhook"
      sentence="To stop it for a while, disable it."
      action={
        <Button color="red" variant="default" onClick={() => setAsking(true)}>
          Delete webhook
        </Button>
      }
    >
      <ConfirmByName
        name={asking ? shortId(id) : null}
        verb="Delete webhook"
        onClose={() => setAsking(false)}
        onConfirm={async () => {
          await remove.mutateAsync(id);
          notifyDone("Deleted the webhook.");
          void navigate({ to: "/workflows/$workflowId/webhooks", params: { workflowId }, ignoreBlocker: true });
        }}
      >
        Its URL ends at once, and its calls go with it; neither can be brought back. The executions that it started
        stay.
      </ConfirmByName>
    </Section>
  );
}
