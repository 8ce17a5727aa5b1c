import { Button } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { shortId } from "../../lib/ids.ts";
import { formatExactCount } from "../../lib/tokens.ts";
import { type Column, DataTable, EmptyState, PageLink, RelativeTime, Section, useCommands } from "../../ui/index.ts";
import { CreateWebhook } from "./create-webhook.tsx";
import { useWebhooks, type Webhook } from "./queries.ts";
import { schemeName } from "./schemes.ts";
import { WebhookState } from "./webhook-state.tsx";

const route = getRouteApi("/inside/workflows/$workflowId/webhooks");

const COLUMNS: Column<Webhook>[] = [
  {
    id: "webhook",
    header: "Webhook",
    cell: ({ id, workflowId }) => (
      <PageLink to="/workflows/$workflowId/webhooks/$webhookId" params={{ workflowId, webhookId: id }} search={{}}>
        <span className="sw-mono">{shortId(id)}</span>
      </PageLink>
    ),
  },
  { id: "state", header: "State", width: "112px", cell: (webhook) => <WebhookState {...webhook} /> },
  { id: "signature", header: "Signature", width: "176px", cell: ({ signature }) => schemeName(signature.scheme) },
  { id: "version", header: "Version", width: "120px", low: true, cell: ({ version }) => version ?? "Draft" },
  {
    id: "calls",
    header: "Executions",
    align: "right",
    width: "96px",
    cell: ({ triggerCount }) => <span className="sw-number">{formatExactCount(triggerCount)}</span>,
  },
  {
    id: "last",
    header: "Last one",
    align: "right",
    width: "112px",
    cell: ({ lastTriggeredAt }) => <RelativeTime at={lastTriggeredAt} />,
  },
];

/** A workflow's webhooks. */
export function WorkflowWebhooksPage() {
  const { workflowId } = route.useParams();
  const navigate = useNavigate();
  const list = useWebhooks(workflowId);
  const mayEdit = useCan("triggers.edit");
  const [creating, setCreating] = useState(false);
  useCommands(
    mayEdit
      ? [
          {
            id: "create-webhook",
            label: "Create webhook",
            group: "This page",
            keys: "c",
            run: () => setCreating(true),
          },
        ]
      : [],
  );
  const create = mayEdit && <Button onClick={() => setCreating(true)}>Create webhook</Button>;
  const empty = list.rows?.length === 0;
  return (
    <Section
      title="Webhooks"
      sentence="Public addresses that start this workflow with what is sent to them."
      action={!empty && create}
    >
      <DataTable
        label="Webhooks"
        columns={COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        onOpen={({ id }) =>
          void navigate({
            to: "/workflows/$workflowId/webhooks/$webhookId",
            params: { workflowId, webhookId: id },
            search: {},
          })
        }
        errorTitle="The webhooks could not be loaded"
        empty={
          <EmptyState title="No webhooks yet" action={create}>
            {mayEdit
              ? "A webhook is a URL that GitHub, Stripe or any program calls to start this workflow with its payload."
              : "A webhook is a URL that other programs call to start this workflow. An editor of this workspace can create one."}
          </EmptyState>
        }
      />
      <CreateWebhook workflowId={workflowId} opened={creating} onClose={() => setCreating(false)} />
    </Section>
  );
}
