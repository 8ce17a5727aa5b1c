import { useState } from "react";
import { shortId } from "../../lib/ids.ts";
import { counted } from "../../lib/tokens.ts";
import { type Column, DataTable, Duration, EmptyState, Missing, PageLink, RelativeTime } from "../../ui/index.ts";
import { CallDetail } from "./call-detail.tsx";
import { type Call, useCalls, type Webhook } from "./queries.ts";
import { OutcomeBadge } from "./webhook-state.tsx";

interface CallsTabProps {
  webhook: Webhook;
  mayEdit: boolean;
  /** Leads to the mapping with this call's payload. */
  onMap: (callId: string) => void;
}

/** The last calls as they come, refused ones too. */
export function CallsTab({ webhook, mayEdit, onMap }: CallsTabProps) {
  const calls = useCalls(webhook.id);
  const [opened, setOpened] = useState<string | null>(null);
  const open = calls.data?.items.find(({ id }) => id === opened);
  const columns: Column<Call>[] = [
    {
      id: "at",
      header: "When",
      width: "112px",
      cell: ({ id, at }) => (
        <button type="button" className="sw-call-open" aria-expanded={id === opened} onClick={() => toggle(id)}>
          <RelativeTime at={at} />
        </button>
      ),
    },
    { id: "outcome", header: "Outcome", width: "112px", cell: (call) => <OutcomeBadge {...call} /> },
    {
      id: "status",
      header: "Status",
      align: "right",
      width: "64px",
      cell: ({ status }) => <span className="sw-mono sw-number">{status}</span>,
    },
    {
      id: "why",
      header: "Failed check",
      cell: ({ failedCheck, detail }) =>
        failedCheck === null ? <Missing /> : <span title={detail ?? undefined}>{checkName(failedCheck)}</span>,
    },
    { id: "ip", header: "From", width: "144px", low: true, cell: ({ ip }) => <span className="sw-mono">{ip}</span> },
    {
      id: "took",
      header: "Took",
      align: "right",
      width: "80px",
      low: true,
      cell: ({ durationMs }) => <Duration ms={durationMs} />,
    },
    {
      id: "execution",
      header: "Execution",
      align: "right",
      width: "128px",
      cell: ({ executionId }) =>
        executionId === null ? (
          <Missing />
        ) : (
          <PageLink to="/executions/$executionId" params={{ executionId }}>
            <span className="sw-mono">{shortId(executionId)}</span>
          </PageLink>
        ),
    },
  ];
  const toggle = (id: string) => setOpened((before) => (before === id ? null : id));
  const wrong = calls.data?.wrongSecrets;
  return (
    <div className="sw-calls">
      <DataTable
        label="Calls"
        columns={columns}
        list={{
          rows: calls.data?.items,
          error: calls.error,
          retry: () => void calls.refetch(),
          more: null,
          loadingMore: false,
        }}
        rowKey={({ id }) => id}
        onOpen={({ id }) => toggle(id)}
        errorTitle="The calls could not be loaded"
        empty={
          <EmptyState title="No calls yet">
            The last ten calls that were let in and the last ten that were not appear here as they come, with what was
            sent and why. Under Signature is a command that makes one.
          </EmptyState>
        }
      />
      {wrong !== undefined && wrong.count > 0 && (
        <p className="sw-muted">
          {counted(wrong.count, "call")} came to this workflow with a secret of none of its webhooks, the last{" "}
          <RelativeTime at={wrong.lastAt} />. A sender may still use an old URL.
        </p>
      )}
      {open && <CallDetail webhookId={webhook.id} call={open} mayEdit={mayEdit} onMap={() => onMap(open.id)} />}
    </div>
  );
}

/** `signature_mismatch` as people read it. */
function checkName(check: string): string {
  const words = check.replaceAll("_", " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
