import { Autocomplete, Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../api/api-error.ts";
import { useCan } from "../../api/me.ts";
import { savesSettled } from "../../api/pending-saves.ts";
import { ErrorState, LinesSkeleton, Loaded, notifyDone, notifyFailed, useCommands } from "../../ui/index.ts";
import type { Workflow } from "../workflows/index.ts";
import { savedQuery, taggedQuery, useCommit } from "./queries.ts";
import { Uncommitted } from "./uncommitted.tsx";
import "./versions.css";

/** The button of a workflow's frame that commits its draft, for those who may. */
export function CommitVersion({ workflow }: { workflow: Workflow }) {
  const mayEdit = useCan("workflows.edit");
  const [opened, setOpened] = useState(false);
  const close = () => setOpened(false);
  // The draft that is looked at and committed is the server's: what the editor has not sent yet goes there first.
  const open = () =>
    void savesSettled().then(
      () => setOpened(true),
      (error: unknown) => notifyFailed(error, "There is nothing to commit yet."),
    );
  useCommands(mayEdit ? [{ id: "commit", label: "Commit version", group: "This workflow", keys: "C", run: open }] : []);
  if (!mayEdit) return null;
  return (
    <>
      <Button variant="default" onClick={open}>
        Commit version
      </Button>
      <Modal opened={opened} onClose={close} title="Commit version" size="lg">
        {opened && <Commit workflow={workflow} onClose={close} />}
      </Modal>
    </>
  );
}

function Commit({ workflow, onClose }: { workflow: Workflow; onClose: () => void }) {
  const saved = useQuery(savedQuery(workflow.id));
  const commit = useCommit(workflow.id);
  const tagged = useQuery(taggedQuery(workflow.id));
  const [message, setMessage] = useState("");
  const [tag, setTag] = useState("");
  const known = [...new Set(tagged.data?.flatMap(({ tags }) => tags))].toSorted();
  const fault = (path: string) => (commit.error instanceof ApiError ? commit.error.detailOf(path) : undefined);
  const submit = () => {
    const name = tag.trim();
    commit.mutate(
      { commitMessage: message, revision: workflow.revision, ...(name === "" ? {} : { tag: name }) },
      {
        onSuccess: ({ version, unchanged }) => {
          onClose();
          const tagWords = name === "" ? "" : ` The tag ${name} names it now.`;
          notifyDone(
            unchanged
              ? `Nothing had changed since version ${version}: no new one was made.${tagWords}`
              : `Committed version ${version}.${tagWords}`,
          );
        },
      },
    );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <div className="sw-uncommitted">
          <Loaded query={saved} skeleton={<LinesSkeleton lines={2} />} title="The draft is not saved yet">
            {() => <Uncommitted workflow={workflow} />}
          </Loaded>
        </div>
        <Textarea
          data-autofocus
          label="Message"
          description="What changed, and why, for those who read the history."
          required
          autosize
          minRows={2}
          maxRows={8}
          maxLength={2_000}
          value={message}
          error={fault("commitMessage")}
          onChange={(event) => setMessage(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
        <Autocomplete
          label="Tag (optional)"
          description="A tag is a deployment: what runs by it runs this version from now on."
          data={known}
          maxLength={64}
          value={tag}
          error={fault("tag")}
          onChange={setTag}
        />
        {commit.error && <ErrorState error={commit.error} title="Nothing was committed. The draft is kept" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={commit.isPending} disabled={saved.data === undefined}>
            Commit version
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
