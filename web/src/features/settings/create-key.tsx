import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Role } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { ErrorState, SecretField, ShownOnceDialog } from "../../ui/index.ts";
import { type Expiry, ExpiryField, expiresAt } from "./expiry-field.tsx";
import { useCreateKey } from "./queries.ts";
import { RoleChoice } from "./role-choice.tsx";
import { ShownOnce } from "./shown-once.tsx";

/** Makes an API key, and shows it once. */
export function CreateKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const create = useCreateKey();
  const close = () => {
    create.reset();
    onClose();
  };
  return (
    <ShownOnceDialog opened={opened} title="Create API key" held={create.isPending || create.isSuccess} onClose={close}>
      {opened && <Fields create={create} onClose={close} />}
    </ShownOnceDialog>
  );
}

function Fields({ create, onClose }: { create: ReturnType<typeof useCreateKey>; onClose: () => void }) {
  const { workspace } = useMe();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>(workspace.role === "viewer" ? "viewer" : "editor");
  const [expiry, setExpiry] = useState<Expiry>({ life: "90", day: "" });
  if (create.data) {
    return (
      <ShownOnce
        what="API key"
        expiresAt={create.data.expiresAt}
        advice="Keep it where secrets are kept, and send it with each request:"
        example={`curl ${location.origin}/api/workflows -H "Authorization: Bearer $KEY"`}
        onClose={onClose}
      >
        <SecretField value={create.data.key} what="API key" />
      </ShownOnce>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const end = expiresAt(expiry, Date.now());
        if (end !== undefined) create.mutate({ name: name.trim(), role, expiresAt: end });
      }}
    >
      <Stack gap="md">
        <TextInput
          data-autofocus
          label="Name"
          description="What it is for: the program that will use it"
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <RoleChoice value={role} most={workspace.role} onChange={setRole} />
        <ExpiryField endless value={expiry} onChange={setExpiry} />
        {create.error && <ErrorState error={create.error} title="No key was made" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" disabled={create.isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create API key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
