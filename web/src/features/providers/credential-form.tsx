import { Button, Group, Modal, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { ErrorState, fieldFault, notifyDone, providerName } from "../../ui/index.ts";
import { type Credential, type ProviderName, usePutCredential } from "./queries.ts";

interface CredentialFormProps {
  /** For which provider a key is stored; null while the dialog is closed. */
  provider: ProviderName | null;
  /** What is stored already. */
  stored: Credential | undefined;
  onClose: () => void;
}

/** Stores a key for a provider. What was typed goes with the dialog: a key is never shown again. */
export function CredentialForm({ provider, stored, onClose }: CredentialFormProps) {
  const title = provider === null ? "" : `${stored ? "Replace" : "Set"} key for ${providerName(provider)}`;
  return (
    <Modal opened={provider !== null} onClose={onClose} title={title} closeOnClickOutside={false}>
      {provider !== null && <Fields provider={provider} stored={stored} onClose={onClose} />}
    </Modal>
  );
}

function Fields({ provider, stored, onClose }: CredentialFormProps & { provider: ProviderName }) {
  const put = usePutCredential();
  const [apiKey, setApiKey] = useState("");
  const [baseUrl, setBaseUrl] = useState(stored?.baseUrl ?? "");
  const ownServer = provider === "openai-compatible";
  const submit = () =>
    put.mutate(
      { provider, apiKey, baseUrl: baseUrl.trim() === "" ? null : baseUrl.trim() },
      {
        onSuccess: () => {
          notifyDone(`Stored the key for ${providerName(provider)}. Test it to see whether it is let in.`);
          onClose();
        },
      },
    );
  return (
    <form
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <PasswordInput
          data-autofocus
          label={ownServer ? "API key (where the server wants one)" : "API key"}
          description="Encrypted, and never shown again. It comes before the installation's own."
          autoComplete="off"
          required={!ownServer}
          visibilityToggleButtonProps={{ "aria-label": "Show what was typed" }}
          value={apiKey}
          onChange={(event) => setApiKey(event.currentTarget.value)}
          error={fieldFault(put.error, "apiKey")}
        />
        <TextInput
          label={ownServer ? "Base URL" : "Base URL (optional)"}
          description={
            ownServer
              ? "Of a server that speaks OpenAI's format"
              : "For a proxy. Left empty, the provider's own address"
          }
          placeholder="https://"
          required={ownServer}
          value={baseUrl}
          onChange={(event) => setBaseUrl(event.currentTarget.value)}
          error={fieldFault(put.error, "baseUrl")}
        />
        {put.error && <ErrorState error={put.error} title="The key was not stored. The one before is kept" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={put.isPending}>
            Store key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
