import { ActionIcon, Menu, Select } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import type { Role } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import {
  type Column,
  ConfirmByName,
  DataTable,
  EmptyState,
  notifyDone,
  notifyFailed,
  RelativeTime,
  Section,
} from "../../ui/index.ts";
import { type Member, useChangeRole, useMembers, useRemoveMember } from "./queries.ts";
import { ResetLink } from "./reset-link.tsx";
import { ROLES, roleOf, roleWord } from "./roles.ts";

/** The members, their roles, and what can be done with each. */
export function Members() {
  const { user } = useMe();
  const list = useMembers();
  const change = useChangeRole();
  const remove = useRemoveMember();
  const [removing, setRemoving] = useState<Member | null>(null);
  const [resetting, setResetting] = useState<Member | null>(null);

  const give = (member: Member, role: Role) => {
    const set = (next: Role, undo?: () => void) =>
      change.mutate(
        { id: member.id, role: next },
        {
          onSuccess: () =>
            notifyDone(`${member.name} is ${roleWord(next).toLowerCase()} now.`, undo === undefined ? {} : { undo }),
          onError: (error) => notifyFailed(error, `${member.name} is still ${roleWord(member.role).toLowerCase()}.`),
        },
      );
    set(role, () => set(member.role));
  };

  const columns: Column<Member>[] = [
    {
      id: "name",
      header: "Name",
      cell: ({ name, userId }) => (
        <>
          <b>{name}</b> {userId === user.id && <span className="sw-muted">You</span>}
        </>
      ),
    },
    { id: "email", header: "Email", cell: ({ email }) => email },
    {
      id: "role",
      header: "Role",
      width: "152px",
      cell: (member) =>
        // Who takes his own ownership away cannot undo it: another owner may.
        member.userId === user.id ? (
          <span title="Another owner can change your role">{roleWord(member.role)}</span>
        ) : (
          <Select
            size="xs"
            aria-label={`Role of ${member.name}`}
            allowDeselect={false}
            data={ROLES.map(({ value, label }) => ({ value, label }))}
            value={change.isPending && change.variables.id === member.id ? change.variables.role : member.role}
            disabled={change.isPending}
            onChange={(value) => {
              const role = roleOf(value);
              if (role && role !== member.role) give(member, role);
            }}
          />
        ),
    },
    {
      id: "joined",
      header: "Joined",
      align: "right",
      width: "112px",
      low: true,
      cell: (it) => <RelativeTime at={it.createdAt} />,
    },
    {
      id: "menu",
      header: "",
      align: "right",
      width: "48px",
      cell: (member) => (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${member.name}`}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setResetting(member)}>Make a password link</Menu.Item>
            {member.userId !== user.id && (
              <Menu.Item color="var(--sw-failed)" onClick={() => setRemoving(member)}>
                Remove member
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      ),
    },
  ];

  return (
    <Section title="Members" sentence="Who works in this workspace, and what each may do.">
      <DataTable
        label="Members"
        columns={columns}
        list={list}
        rowKey={({ id }) => id}
        errorTitle="The members could not be loaded"
        empty={<EmptyState title="No members">Nobody belongs to this workspace.</EmptyState>}
      />
      <ResetLink member={resetting} onClose={() => setResetting(null)} />
      <ConfirmByName
        name={removing?.email ?? null}
        verb="Remove member"
        onClose={() => setRemoving(null)}
        onConfirm={async () => {
          if (!removing) return;
          await remove.mutateAsync(removing.id);
          notifyDone(`Removed ${removing.name}.`);
        }}
      >
        {removing?.name} is signed out of this workspace at once, and the API keys made here end. What was committed,
        run and written down stays.
      </ConfirmByName>
    </Section>
  );
}
