import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useCan, useMe } from "../../api/me.ts";
import {
  type Column,
  ConfirmByName,
  DataTable,
  EmptyState,
  notifyDone,
  RelativeTime,
  Section,
  useCommands,
  useNow,
} from "../../ui/index.ts";
import { CreateKey } from "./create-key.tsx";
import { type ApiKey, membersQuery, useApiKeys, useRevokeKey } from "./queries.ts";
import { roleWord } from "./roles.ts";

/** The API keys that one may see: one's own, and for owners all of the workspace. */
export function ApiKeysPage() {
  const { user } = useMe();
  const seesAll = useCan("keys.all");
  const list = useApiKeys();
  const members = useQuery({ ...membersQuery, enabled: seesAll });
  const revoke = useRevokeKey();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  useCommands([{ id: "create", label: "Create API key", group: "This page", keys: "c", run: () => setCreating(true) }]);
  const makerOf = (userId: string) =>
    userId === user.id ? "You" : (members.data?.find((member) => member.userId === userId)?.name ?? "A member");

  const columns: Column<ApiKey>[] = [
    { id: "name", header: "Name", cell: ({ name }) => <b>{name}</b> },
    {
      id: "prefix",
      header: "Key",
      width: "152px",
      cell: ({ prefix }) => <span className="sw-mono">{prefix}…</span>,
    },
    { id: "role", header: "Role", width: "88px", cell: ({ role }) => roleWord(role) },
    ...(seesAll
      ? [{ id: "maker", header: "Made by", width: "144px", low: true, cell: ({ userId }: ApiKey) => makerOf(userId) }]
      : []),
    {
      id: "created",
      header: "Created",
      align: "right",
      width: "112px",
      low: true,
      cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
    {
      id: "used",
      header: "Last used",
      align: "right",
      width: "112px",
      cell: ({ lastUsedAt }) =>
        lastUsedAt === null ? <span className="sw-muted">Never</span> : <RelativeTime at={lastUsedAt} />,
    },
    {
      id: "expires",
      header: "Expires",
      align: "right",
      width: "112px",
      cell: ({ expiresAt }) => <End at={expiresAt} />,
    },
    {
      id: "revoke",
      header: "",
      align: "right",
      width: "104px",
      cell: (key) => (
        <Button size="xs" variant="default" onClick={() => setRevoking(key)}>
          Revoke
        </Button>
      ),
    },
  ];
  const create = <Button onClick={() => setCreating(true)}>Create API key</Button>;
  return (
    <Section
      title="API keys"
      sentence="For programs that work in this workspace in your name. A key never does more than you may."
      action={create}
    >
      <DataTable
        label="API keys"
        columns={columns}
        list={list}
        rowKey={({ id }) => id}
        errorTitle="The API keys could not be loaded"
        empty={
          <EmptyState title="No API keys yet" action={create}>
            An API key lets a program or a script use this workspace, until it expires or is revoked.
          </EmptyState>
        }
      />
      <CreateKey opened={creating} onClose={() => setCreating(false)} />
      <ConfirmByName
        name={revoking?.name ?? null}
        verb="Revoke API key"
        onClose={() => setRevoking(null)}
        onConfirm={async () => {
          if (!revoking) return;
          await revoke.mutateAsync(revoking.id);
          notifyDone(`Revoked ${revoking.name}.`);
        }}
      >
        What uses it is refused from the next request on. A revoked key cannot be brought back.
      </ConfirmByName>
    </Section>
  );
}

function End({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return <span className="sw-muted">Never</span>;
  return (
    <>
      {Date.parse(at) <= now && <span className="sw-muted">expired </span>}
      <RelativeTime at={at} />
    </>
  );
}
