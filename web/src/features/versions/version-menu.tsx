import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useCan } from "../../api/me.ts";
import { notifyDone, notifyFailed } from "../../ui/index.ts";
import type { Version } from "./queries.ts";

/** What can be done with a version. */
export interface VersionVerbs {
  restore: (version: Version) => void;
  tags: (version: Version) => void;
  split: (version: Version) => void;
  run: (version: Version) => void;
}

interface VersionMenuProps {
  workflowId: string;
  version: Version;
  /** What the version is compared with by itself. */
  before: { from: string | number; to: string | number };
  mayEdit: boolean;
  on: VersionVerbs;
}

/** What can be done with a version from its row. */
export function VersionMenu({ workflowId, version, before, mayEdit, on }: VersionMenuProps) {
  const navigate = useNavigate();
  const mayRun = useCan("executions.run");
  const compare = (search: { from: string | number; to: string | number }) =>
    void navigate({ to: "/workflows/$workflowId/compare", params: { workflowId }, search });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for version ${version.version}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {before.to !== "draft" && <Menu.Item onClick={() => compare(before)}>Compare with the one before</Menu.Item>}
        <Menu.Item onClick={() => compare({ from: version.version, to: "draft" })}>Compare with the draft</Menu.Item>
        {mayRun && <Menu.Item onClick={() => on.run(version)}>Run this version</Menu.Item>}
        {mayEdit && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={() => on.restore(version)}>Restore this version</Menu.Item>
            <Menu.Item onClick={() => on.tags(version)}>Change tags</Menu.Item>
            <Menu.Item onClick={() => on.split(version)}>Split a tag</Menu.Item>
          </>
        )}
        <Menu.Divider />
        <Menu.Item onClick={() => copyId(version)}>Copy id</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function copyId({ id, version }: Version): void {
  navigator.clipboard.writeText(id).then(
    () => notifyDone(`Copied the id of version ${version}.`),
    (error: unknown) => notifyFailed(error, "The id was not copied: the browser did not allow it."),
  );
}
