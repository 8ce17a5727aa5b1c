import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ErrorState, notifyDone } from "../../ui/index.ts";
import { useClone } from "./queries.ts";

interface CloneWorkflowProps {
  /** Null while the dialog is closed. */
  workflow: { id: string; name: string } | null;
  onClose: () => void;
}

/** Makes another workflow of a draft, and opens it. */
export function CloneWorkflow({ workflow, onClose }: CloneWorkflowProps) {
  return (
    <Modal opened={workflow !== null} onClose={onClose} title="Clone workflow">
      {workflow && <Fields workflow={workflow} onClose={onClose} />}
    </Modal>
  );
}

const MAX_NAME = 200;

function Fields({ workflow, onClose }: { workflow: { id: string; name: string }; onClose: () => void }) {
  const navigate = useNavigate();
  const clone = useClone();
  const [name, setName] = useState(`${workflow.name} copy`.slice(0, MAX_NAME));
  const submit = () =>
    clone.mutate(
      { workflowId: workflow.id, name },
      {
        onSuccess: (made) => {
          onClose();
          notifyDone(`Cloned ${workflow.name} as ${made.name}.`);
          void navigate({ to: "/workflows/$workflowId", params: { workflowId: made.id } });
        },
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
        <Text>
          The clone has the draft of <b>{workflow.name}</b>, its schedules paused and its webhooks disabled, and a
          history of its own.
        </Text>
        <TextInput
          data-autofocus
          label="Name of the clone"
          required
          maxLength={MAX_NAME}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {clone.error && <ErrorState error={clone.error} title="The workflow was not cloned" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={clone.isPending}>
            Clone workflow
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
