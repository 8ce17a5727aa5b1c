import { Button } from "@mantine/core";
import { IconDeviceDesktop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { browserName } from "../../lib/browser-name.ts";
import {
  type Column,
  DataTable,
  EmptyState,
  Missing,
  notifyDone,
  notifyFailed,
  RelativeTime,
  Section,
  StateBadge,
} from "../../ui/index.ts";
import { type Session, sessionsQuery, useEndSession } from "./account.ts";

/** Where one is signed in, and the way out everywhere else. */
export function Sessions() {
  const sessions = useQuery(sessionsQuery);
  const end = useEndSession();
  const others = sessions.data?.some(({ current }) => !current) ?? false;
  const signOut = (session: Session | null) =>
    end.mutate(session, {
      onSuccess: () => notifyDone(session === null ? "Signed out everywhere else." : "Signed out there."),
      onError: (error) => notifyFailed(error, "Nobody was signed out."),
    });
  const columns: Column<Session>[] = [
    {
      id: "browser",
      header: "Browser",
      cell: ({ userAgent, current }) => (
        <>
          <b title={userAgent ?? undefined}>{browserName(userAgent ?? null)}</b>{" "}
          {current && (
            <StateBadge meaning="succeeded" icon={IconDeviceDesktop}>
              This browser
            </StateBadge>
          )}
        </>
      ),
    },
    {
      id: "address",
      header: "Address",
      width: "176px",
      low: true,
      cell: ({ ipAddress }) => (ipAddress ? <span className="sw-mono">{ipAddress}</span> : <Missing />),
    },
    {
      id: "since",
      header: "Signed in",
      align: "right",
      width: "128px",
      cell: (it) => <RelativeTime at={it.createdAt} />,
    },
    {
      id: "until",
      header: "Until",
      align: "right",
      width: "128px",
      low: true,
      cell: ({ expiresAt }) => <RelativeTime at={expiresAt} />,
    },
    {
      id: "end",
      header: "",
      align: "right",
      width: "112px",
      cell: (session) =>
        session.current ? null : (
          <Button size="xs" variant="default" disabled={end.isPending} onClick={() => signOut(session)}>
            Sign out
          </Button>
        ),
    },
  ];
  return (
    <Section
      title="Sessions"
      sentence="Where you are signed in. One that is used stays for a week at a time."
      action={
        others && (
          <Button variant="default" loading={end.isPending && end.variables === null} onClick={() => signOut(null)}>
            Sign out everywhere else
          </Button>
        )
      }
    >
      <DataTable
        label="Sessions"
        columns={columns}
        list={{
          rows: sessions.data,
          error: sessions.error,
          retry: () => void sessions.refetch(),
          more: null,
          loadingMore: false,
        }}
        rowKey={({ id }) => id}
        errorTitle="Your sessions could not be loaded"
        empty={<EmptyState title="No sessions">You are signed in nowhere.</EmptyState>}
      />
    </Section>
  );
}
