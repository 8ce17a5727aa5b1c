import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCan } from "../../api/me.ts";
import { shortId } from "../../lib/ids.ts";
import { Loaded, PageLink, Section, useCommands } from "../../ui/index.ts";
import { AddressPart } from "./address-part.tsx";
import { CallsTab } from "./calls-tab.tsx";
import { EnabledSwitch } from "./enabled-switch.tsx";
import { MappingTab } from "./mapping-tab.tsx";
import { type Webhook, webhookQuery } from "./queries.ts";
import { WEBHOOK_TABS } from "./search.ts";
import { SettingsTab } from "./settings-tab.tsx";
import { SignatureTab } from "./signature-tab.tsx";
import "./webhooks.css";

const route = getRouteApi("/inside/workflows/$workflowId/webhooks/$webhookId");

/** One webhook: its address, what called it, what its payloads become, and who may call. */
export function WebhookPage() {
  const { webhookId } = route.useParams();
  const webhook = useQuery(webhookQuery(webhookId));
  return (
    <Loaded query={webhook} title="The webhook could not be loaded">
      {(loaded) => <Shown webhook={loaded} />}
    </Loaded>
  );
}

function Shown({ webhook }: { webhook: Webhook }) {
  const { tab = "calls", call } = route.useSearch();
  const navigate = route.useNavigate();
  const mayEdit = useCan("triggers.edit");
  useCommands(
    WEBHOOK_TABS.map((each) => ({
      id: `webhook-${each}`,
      label: `Show ${each} of this webhook`,
      group: "This page",
      run: () => void navigate({ search: { tab: each } }),
    })),
  );
  return (
    <>
      <Section
        title={`Webhook ${shortId(webhook.id)}`}
        sentence={
          <PageLink to="/workflows/$workflowId/webhooks" params={{ workflowId: webhook.workflowId }}>
            All webhooks of this workflow
          </PageLink>
        }
        action={<EnabledSwitch webhook={webhook} mayEdit={mayEdit} />}
      >
        <AddressPart webhook={webhook} mayEdit={mayEdit} />
      </Section>
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({ search: { tab: WEBHOOK_TABS.find((each) => each === next) ?? "calls" }, replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="calls">Calls</Tabs.Tab>
          <Tabs.Tab value="mapping">Mapping</Tabs.Tab>
          <Tabs.Tab value="signature">Signature</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="calls">
          <CallsTab
            webhook={webhook}
            mayEdit={mayEdit}
            onMap={(id) => void navigate({ search: { tab: "mapping", call: id } })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="mapping">
          <MappingTab
            webhook={webhook}
            mayEdit={mayEdit}
            callId={call}
            onCall={(id) => void navigate({ search: { tab: "mapping", call: id }, replace: true, ignoreBlocker: true })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="signature">
          <SignatureTab webhook={webhook} mayEdit={mayEdit} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <SettingsTab webhook={webhook} mayEdit={mayEdit} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
