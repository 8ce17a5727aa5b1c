import { Button, Group, Modal, Radio, Stack, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../../api/api-error.ts";
import { ErrorState } from "../../ui/index.ts";
import { useCreateWebhook } from "./queries.ts";
import { SCHEMES } from "./schemes.ts";

interface CreateWebhookProps {
  workflowId: string;
  opened: boolean;
  onClose: () => void;
}

/** Asks who is to call, and opens the new webhook. */
export function CreateWebhook({ workflowId, opened, onClose }: CreateWebhookProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Create webhook">
      {opened && <Fields workflowId={workflowId} onClose={onClose} />}
    </Modal>
  );
}

function Fields({ workflowId, onClose }: { workflowId: string; onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateWebhook(workflowId);
  const [scheme, setScheme] = useState(SCHEMES[0]?.value ?? "none");
  const [header, setHeader] = useState("X-Signature");
  const fault = create.error instanceof ApiError ? create.error.detailOf("signature.header") : undefined;
  const submit = () =>
    create.mutate(
      { signature: scheme === "hmac" ? { scheme, header: header.trim() } : { scheme } },
      {
        onSuccess: ({ id }) =>
          void navigate({
            to: "/workflows/$workflowId/webhooks/$webhookId",
            params: { workflowId, webhookId: id },
            search: { tab: "signature" },
          }),
      },
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <Radio.Group
          label="How the sender signs its calls"
          description="It can be changed later."
          value={scheme}
          onChange={(value) => setScheme(SCHEMES.find((each) => each.value === value)?.value ?? "none")}
        >
          <Stack gap="sm" mt="sm">
            {SCHEMES.map(({ value, label, sentence }, place) => (
              <Radio
                key={value}
                value={value}
                label={label}
                description={sentence}
                {...(place === 0 ? { "data-autofocus": true } : {})}
              />
            ))}
          </Stack>
        </Radio.Group>
        {scheme === "hmac" && (
          <TextInput
            label="Header"
            value={header}
            error={fault}
            onChange={(event) => setHeader(event.currentTarget.value)}
          />
        )}
        {create.error && fault === undefined && <ErrorState error={create.error} title="The webhook was not created" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create webhook
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
