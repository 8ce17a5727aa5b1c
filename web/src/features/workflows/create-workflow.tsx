import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ErrorState } from "../../ui/index.ts";
import { useCreateWorkflow } from "./queries.ts";

/** Asks for a name, and opens the new workflow. */
export function CreateWorkflow({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Create workflow">
      <Fields onClose={onClose} />
    </Modal>
  );
}

function Fields({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateWorkflow();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const submit = () =>
    create.mutate(
      { name, description: description.trim() === "" ? null : description },
      { onSuccess: ({ id }) => void navigate({ to: "/workflows/$workflowId", params: { workflowId: id } }) },
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <TextInput
          data-autofocus
          label="Name"
          required
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label="Description (optional)"
          autosize
          minRows={2}
          maxLength={4_000}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        {create.error && <ErrorState error={create.error} title="The workflow was not created" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create workflow
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
