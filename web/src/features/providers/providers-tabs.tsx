import { useCan } from "../../api/me.ts";
import { TabLink, Tabs } from "../../ui/index.ts";

/** The parts of the providers' pages. Keys are the owners' affair. */
export function ProvidersTabs() {
  const mayManageKeys = useCan("credentials.manage");
  return (
    <Tabs label="Providers">
      <TabLink to="/providers" exact>
        Health
      </TabLink>
      <TabLink to="/providers/fallbacks">Fallback events</TabLink>
      {mayManageKeys && <TabLink to="/providers/credentials">Credentials</TabLink>}
      <TabLink to="/providers/prices">Prices</TabLink>
    </Tabs>
  );
}
