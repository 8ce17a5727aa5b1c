import { Button, Group, Stack, Text } from "@mantine/core";
import { CodeText, ErrorState, ShownOnceDialog } from "../../ui/index.ts";
import { type Member, useResetLink } from "./queries.ts";
import { ShownOnce } from "./shown-once.tsx";

interface ResetLinkProps {
  /** Null while the dialog is closed. */
  member: Member | null;
  onClose: () => void;
}

/** Makes a link with which a member sets a new password: there is no mail to send it by. */
export function ResetLink({ member, onClose }: ResetLinkProps) {
  const make = useResetLink();
  const close = () => {
    make.reset();
    onClose();
  };
  return (
    <ShownOnceDialog
      opened={member !== null}
      title="Password link"
      held={make.isPending || make.isSuccess}
      onClose={close}
    >
      {member && <Making member={member} make={make} onClose={close} />}
    </ShownOnceDialog>
  );
}

interface MakingProps {
  member: Member;
  make: ReturnType<typeof useResetLink>;
  onClose: () => void;
}

function Making({ member, make, onClose }: MakingProps) {
  if (make.data) {
    return (
      <ShownOnce
        what="link"
        expiresAt={make.data.expiresAt}
        advice={`Give it to ${member.name} only: whoever opens it sets the password of this account.`}
        onClose={onClose}
      >
        <CodeText text={make.data.link} what="link" />
      </ShownOnce>
    );
  }
  return (
    <Stack gap="md">
      <Text>
        With the link {member.name} sets a new password, once, within a day. An earlier link ends. The old password
        works until then.
      </Text>
      {make.error && <ErrorState error={make.error} title="No link was made" />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" disabled={make.isPending} onClick={onClose}>
          Cancel
        </Button>
        <Button data-autofocus loading={make.isPending} onClick={() => make.mutate(member.id)}>
          Make link
        </Button>
      </Group>
    </Stack>
  );
}
