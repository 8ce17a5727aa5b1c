import { Modal, Stack } from "@mantine/core";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { CodeText, LeaveQuestion, RelativeTime, UnsavedGuard } from "../../ui/index.ts";
import { EntryForm } from "./entry-form.tsx";
import type { Entry, EntryFields } from "./queries.ts";
import { Source } from "./source.tsx";
import "./knowledge.css";

interface EntryDialogProps {
  /** The entry that is open, `new` for one to write, null while the dialog is closed. */
  open: Entry | "new" | null;
  start: Partial<EntryFields>;
  onClose: () => void;
}

/** An entry as a whole: to change for those who may, to read for others. */
export function EntryDialog({ open, start, onClose }: EntryDialogProps) {
  const mayEdit = useCan("knowledge.edit");
  const entry = open === "new" ? null : open;
  const [unsaved, setUnsaved] = useState(false);
  const [asking, setAsking] = useState(false);
  const [guarded, setGuarded] = useState(false);
  const close = () => {
    setUnsaved(false);
    setAsking(false);
    onClose();
  };
  // A moment later: the question would hear the press of Escape that asks it, and be gone at once.
  const leave = () => (unsaved ? void setTimeout(() => setAsking(true)) : close());
  return (
    <Modal
      opened={open !== null}
      onClose={leave}
      // Escape answers a question first.
      closeOnEscape={!asking && !guarded}
      title={entry ? "Knowledge entry" : "New knowledge entry"}
      size="lg"
      // A click beside it must not lose what was written.
      closeOnClickOutside={!mayEdit}
    >
      {open !== null && (
        <Stack gap="md">
          {entry && <Facts entry={entry} whole={!mayEdit} />}
          {mayEdit ? (
            <EntryForm
              entry={entry}
              start={start}
              onChanged={() => setUnsaved(true)}
              onCancel={leave}
              onSaved={close}
            />
          ) : (
            entry && <CodeText text={entry.content} what="content" />
          )}
        </Stack>
      )}
      <LeaveQuestion asked={asking} what="The entry" onLeave={close} onStay={() => setAsking(false)} />
      <UnsavedGuard unsaved={unsaved && open !== null} what="The entry" onAsking={setGuarded} />
    </Modal>
  );
}

function Facts({ entry, whole }: { entry: Entry; whole: boolean }) {
  return (
    <dl className="sw-entry-facts">
      {whole && (
        <>
          <dt>Role</dt>
          <dd>{entry.agentRole}</dd>
          <dt>Category</dt>
          <dd>{entry.category}</dd>
          <dt>Confidence</dt>
          <dd>{entry.confidence}</dd>
          {entry.context !== null && (
            <>
              <dt>Context</dt>
              <dd>{entry.context}</dd>
            </>
          )}
        </>
      )}
      <dt>Written by</dt>
      <dd>
        <Source {...entry} />, <RelativeTime at={entry.createdAt} />
      </dd>
      {entry.updatedAt !== entry.createdAt && (
        <>
          <dt>Changed</dt>
          <dd>
            <RelativeTime at={entry.updatedAt} />
          </dd>
        </>
      )}
    </dl>
  );
}
