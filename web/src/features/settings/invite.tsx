import { Button, Group, Stack } from "@mantine/core";
import { useState } from "react";
import type { Role } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { CodeText, ErrorState, ShownOnceDialog } from "../../ui/index.ts";
import { type Expiry, ExpiryField, expiresAt } from "./expiry-field.tsx";
import { useInvite } from "./queries.ts";
import { RoleChoice } from "./role-choice.tsx";
import { roleWord } from "./roles.ts";
import { ShownOnce } from "./shown-once.tsx";

/** Makes an invitation link, and shows it once. */
export function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const invite = useInvite();
  const close = () => {
    invite.reset();
    onClose();
  };
  return (
    <ShownOnceDialog
      opened={opened}
      title="Invite somebody"
      held={invite.isPending || invite.isSuccess}
      onClose={close}
    >
      {opened && <Fields invite={invite} onClose={close} />}
    </ShownOnceDialog>
  );
}

function Fields({ invite, onClose }: { invite: ReturnType<typeof useInvite>; onClose: () => void }) {
  const { workspace } = useMe();
  const [role, setRole] = useState<Role>("editor");
  const [expiry, setExpiry] = useState<Expiry>({ life: "7", day: "" });
  if (invite.data) {
    return (
      <ShownOnce
        what="invitation link"
        expiresAt={invite.data.expiresAt}
        advice={`Whoever opens it first joins ${workspace.name} as ${roleWord(invite.data.role).toLowerCase()}.`}
        onClose={onClose}
      >
        <CodeText text={invite.data.link} what="invitation link" />
      </ShownOnce>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const end = expiresAt(expiry, Date.now());
        if (end) invite.mutate({ role, expiresAt: end });
      }}
    >
      <Stack gap="md">
        <RoleChoice value={role} most={workspace.role} onChange={setRole} />
        <ExpiryField value={expiry} onChange={setExpiry} />
        {invite.error && <ErrorState error={invite.error} title="No invitation was made" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" disabled={invite.isPending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending}>
            Make invitation
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
