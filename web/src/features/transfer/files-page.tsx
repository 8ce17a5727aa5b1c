import { Outlet } from "@tanstack/react-router";
import { Page, TabLink, Tabs } from "../../ui/index.ts";

/** The frame around what moves workflows between installations. */
export function FilesPage() {
  return (
    <Page
      title="Files"
      sentence="Workflows as files: bring them in, take them out, or begin with one that comes with Swarm."
      tabs={
        <Tabs label="Files">
          <TabLink to="/files" exact>
            Import
          </TabLink>
          <TabLink to="/files/exports">Exports</TabLink>
          <TabLink to="/files/templates">Templates</TabLink>
        </Tabs>
      }
    >
      <Outlet />
    </Page>
  );
}
