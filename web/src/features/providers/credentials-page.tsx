import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { wholeList } from "../../api/pages.ts";
import { providersQuery } from "../../api/providers.ts";
import {
  type Column,
  ConfirmByName,
  DataTable,
  EmptyState,
  Missing,
  notifyDone,
  Page,
  ProviderChip,
  providerName,
  RelativeTime,
  useCommands,
} from "../../ui/index.ts";
import { CredentialForm } from "./credential-form.tsx";
import { CredentialTrial } from "./credential-trial.tsx";
import { ProvidersTabs } from "./providers-tabs.tsx";
import { type Credential, credentialsQuery, type ProviderName, useDeleteCredential } from "./queries.ts";
import { PROVIDERS } from "./search.ts";
import "./providers.css";

interface Row {
  provider: ProviderName;
  stored: Credential | undefined;
  /** Whether calls can be made, with whosever key. */
  configured: boolean;
}

/** The keys that the workspace has stored: set, tried and deleted, and never shown. */
export function CredentialsPage() {
  const mayManage = useCan("credentials.manage");
  return (
    <Page
      title="Credentials"
      sentence="Keys of this workspace's own, which come before the installation's. They are encrypted, and never shown again."
      tabs={<ProvidersTabs />}
    >
      {mayManage ? (
        <Credentials />
      ) : (
        <EmptyState title="For owners">Keys are set and tested by the owners of this workspace.</EmptyState>
      )}
    </Page>
  );
}

function Credentials() {
  const credentials = useQuery(credentialsQuery);
  const providers = useQuery(providersQuery).data?.items ?? [];
  const remove = useDeleteCredential();
  const [dialog, setDialog] = useState<{ kind: "set" | "test" | "delete"; provider: ProviderName } | null>(null);
  const opened = (kind: "set" | "test" | "delete") => (dialog?.kind === kind ? dialog.provider : null);
  const storedFor = (provider: ProviderName) => credentials.data?.items.find((each) => each.provider === provider);
  useCommands(
    PROVIDERS.map((provider) => ({
      id: `set-${provider}`,
      label: `Set key for ${providerName(provider)}`,
      group: "This page",
      run: () => setDialog({ kind: "set", provider }),
    })),
  );
  const close = () => setDialog(null);
  const list = wholeList(credentials, () =>
    PROVIDERS.map((provider) => ({
      provider,
      stored: storedFor(provider),
      configured: providers.find((each) => each.provider === provider)?.configured ?? false,
    })),
  );
  const columns: Column<Row>[] = [
    { id: "provider", header: "Provider", cell: ({ provider }) => <ProviderChip provider={provider} /> },
    { id: "key", header: "Key", cell: (row) => <KeyCell row={row} /> },
    {
      id: "address",
      header: "Base URL",
      low: true,
      cell: ({ stored }) =>
        stored ? (stored.baseUrl ?? <span className="sw-muted">The provider's own</span>) : <Missing />,
    },
    {
      id: "stored",
      header: "Stored",
      align: "right",
      width: "112px",
      cell: ({ stored }) => <RelativeTime at={stored?.updatedAt ?? null} />,
    },
    {
      id: "actions",
      header: "",
      align: "right",
      width: "248px",
      cell: ({ provider, stored }) => (
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          {stored && (
            <>
              <Button size="xs" variant="default" onClick={() => setDialog({ kind: "test", provider })}>
                Test
              </Button>
              <Button
                size="xs"
                variant="subtle"
                color="red"
                aria-label={`Delete key for ${providerName(provider)}`}
                onClick={() => setDialog({ kind: "delete", provider })}
              >
                Delete
              </Button>
            </>
          )}
          <Button
            size="xs"
            variant="default"
            aria-label={`${stored ? "Replace" : "Set"} key for ${providerName(provider)}`}
            onClick={() => setDialog({ kind: "set", provider })}
          >
            {stored ? "Replace" : "Set key"}
          </Button>
        </Group>
      ),
    },
  ];
  const deleting = opened("delete");
  const setting = opened("set");
  return (
    <>
      <DataTable
        label="Credentials"
        columns={columns}
        list={list}
        rowKey={({ provider }) => provider}
        errorTitle="The credentials could not be loaded"
        empty={null}
      />
      <CredentialForm provider={setting} stored={setting === null ? undefined : storedFor(setting)} onClose={close} />
      <CredentialTrial provider={opened("test")} onClose={close} />
      <ConfirmByName
        name={deleting === null ? null : providerName(deleting)}
        verb="Delete key"
        onClose={close}
        onConfirm={async () => {
          if (deleting === null) return;
          await remove.mutateAsync(deleting);
          notifyDone(`Deleted the key for ${providerName(deleting)}.`);
        }}
      >
        It cannot be brought back: nobody can read it, so it would have to be entered again. Within 30 seconds no call
        uses it any more.
      </ConfirmByName>
    </>
  );
}

function KeyCell({ row: { stored, configured } }: { row: Row }) {
  if (stored) {
    const { last4 } = stored;
    return (
      <span
        className="sw-mono"
        title={last4 === "" ? "A key that is too short to show any of it" : "Its last four characters"}
      >
        {`${"•".repeat(8)}${last4}`}
      </span>
    );
  }
  return <span className="sw-muted">{configured ? "The installation's" : "None"}</span>;
}
