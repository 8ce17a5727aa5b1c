import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { Duration, ErrorState, ModelChip, providerName, StateBadge } from "../../ui/index.ts";
import { type ProviderName, useTestCredential } from "./queries.ts";
import { reasonWords } from "./reason-words.ts";

interface CredentialTrialProps {
  /** Whose key is tried; null while the dialog is closed. */
  provider: ProviderName | null;
  onClose: () => void;
}

/** Tries a stored key with one real call, and says how that ended. */
export function CredentialTrial({ provider, onClose }: CredentialTrialProps) {
  return (
    <Modal
      opened={provider !== null}
      onClose={onClose}
      title={provider === null ? "" : `Test key for ${providerName(provider)}`}
    >
      {provider !== null && <Trial provider={provider} onClose={onClose} />}
    </Modal>
  );
}

function Trial({ provider, onClose }: { provider: ProviderName; onClose: () => void }) {
  const test = useTestCredential();
  const [model, setModel] = useState("");
  const ownServer = provider === "openai-compatible";
  const start = () => test.mutate({ provider, model: model.trim() === "" ? null : model.trim() });
  const outcome = test.data;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <Stack gap="md">
        <TextInput
          data-autofocus
          label={ownServer ? "Model" : "Model (optional)"}
          description={`One real call of at most 16 tokens.${ownServer ? "" : " Left empty, a small model is asked."}`}
          required={ownServer}
          value={model}
          onChange={(event) => setModel(event.currentTarget.value)}
        />
        <div className="sw-trial" aria-live="polite">
          {outcome?.ok === true && (
            <>
              <StateBadge meaning="succeeded">The key works</StateBadge>
              <span>
                <ModelChip provider={provider} model={outcome.model} /> answered in <Duration ms={outcome.latencyMs} />
              </span>
            </>
          )}
          {outcome?.ok === false && (
            <>
              <StateBadge meaning="failed">{reasonWords(outcome.errorKind ?? "server")}</StateBadge>
              <span>{outcome.message}</span>
            </>
          )}
        </div>
        {test.error && <ErrorState error={test.error} title="The key was not tried" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button type="submit" loading={test.isPending}>
            Test key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
