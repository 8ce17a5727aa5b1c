import { Outlet } from "@tanstack/react-router";
import { useCan } from "../../api/me.ts";
import { Page, TabLink, Tabs } from "../../ui/index.ts";
import "./settings.css";

/** The frame around what concerns a person and the workspace. */
export function SettingsPage() {
  const mayManage = useCan("members.manage");
  return (
    <Page
      title="Settings"
      sentence="Your account, and the workspace that you work in."
      tabs={
        <Tabs label="Settings">
          <TabLink to="/settings" exact>
            Profile
          </TabLink>
          <TabLink to="/settings/workspace">Workspace</TabLink>
          {mayManage && <TabLink to="/settings/members">Members</TabLink>}
          <TabLink to="/settings/api-keys">API keys</TabLink>
          <TabLink to="/settings/retention">Retention</TabLink>
          <TabLink to="/settings/danger">Danger zone</TabLink>
        </Tabs>
      }
    >
      <Outlet />
    </Page>
  );
}
