import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  type Column,
  DataTable,
  EmptyState,
  notifyDone,
  notifyFailed,
  RelativeTime,
  Section,
  useCommands,
} from "../../ui/index.ts";
import { Invite } from "./invite.tsx";
import { type Invitation, membersQuery, useInvitations, useTakeBack } from "./queries.ts";
import { roleWord } from "./roles.ts";

/** Invitations that wait for somebody, and the way to make another. */
export function Invitations() {
  const list = useInvitations();
  const members = useQuery(membersQuery);
  const takeBack = useTakeBack();
  const [inviting, setInviting] = useState(false);
  useCommands([
    { id: "invite", label: "Invite somebody", group: "This page", keys: "c", run: () => setInviting(true) },
  ]);
  const invite = <Button onClick={() => setInviting(true)}>Invite somebody</Button>;
  const columns: Column<Invitation>[] = [
    { id: "role", header: "Role", cell: ({ role }) => <b>{roleWord(role)}</b> },
    {
      id: "by",
      header: "Made by",
      width: "208px",
      cell: ({ createdBy }) => members.data?.find(({ userId }) => userId === createdBy)?.name ?? "A former member",
    },
    {
      id: "made",
      header: "Made",
      align: "right",
      width: "112px",
      cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
    {
      id: "expires",
      header: "Expires",
      align: "right",
      width: "112px",
      cell: ({ expiresAt }) => <RelativeTime at={expiresAt} />,
    },
    {
      id: "end",
      header: "",
      align: "right",
      width: "128px",
      cell: ({ id }) => (
        <Button
          size="xs"
          variant="default"
          disabled={takeBack.isPending}
          onClick={() =>
            takeBack.mutate(id, {
              onSuccess: () => notifyDone("Taken back. Its link opens nothing any more."),
              onError: (error) => notifyFailed(error, "The invitation still stands."),
            })
          }
        >
          Take back
        </Button>
      ),
    },
  ];
  return (
    <Section title="Invitations" sentence="Links that nobody has used yet. Each lets one person in." action={invite}>
      <DataTable
        label="Invitations"
        columns={columns}
        list={list}
        rowKey={({ id }) => id}
        errorTitle="The invitations could not be loaded"
        empty={
          <EmptyState title="No open invitations" action={invite}>
            An invitation is a link that you hand out yourself. Whoever opens it joins with the role that you chose.
          </EmptyState>
        }
      />
      <Invite opened={inviting} onClose={() => setInviting(false)} />
    </Section>
  );
}
