import { Autocomplete, Button, Group, Modal, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { formatPercent } from "../../lib/shares.ts";
import { ErrorState, LinesSkeleton, Loaded } from "../../ui/index.ts";
import { taggedQuery, type Version } from "./queries.ts";
import { useTagging } from "./use-tagging.ts";

interface TagDialogProps {
  workflowId: string;
  /** Whose tags; null while the dialog is closed. */
  version: Version | null;
  onClose: () => void;
}

/** Adds, moves and removes the tags of a version. */
export function TagDialog({ workflowId, version, onClose }: TagDialogProps) {
  const tagged = useQuery({ ...taggedQuery(workflowId), enabled: version !== null });
  return (
    <Modal opened={version !== null} onClose={onClose} title={`Tags of version ${version?.version ?? ""}`}>
      {version !== null && (
        <Loaded query={tagged} skeleton={<LinesSkeleton />} title="The tags could not be loaded">
          {(versions) => <Tagging workflowId={workflowId} version={version} tagged={versions} onClose={onClose} />}
        </Loaded>
      )}
    </Modal>
  );
}

interface TaggingProps {
  workflowId: string;
  version: Version;
  tagged: readonly Version[];
  onClose: () => void;
}

function Tagging({ workflowId, version, tagged, onClose }: TaggingProps) {
  const { give, remove, isPending } = useTagging(workflowId, tagged);
  const [name, setName] = useState("");
  const [error, setError] = useState<unknown>(null);
  const tag = name.trim();
  const own = tagged.find(({ id }) => id === version.id);
  const holders = tagged.filter(({ id, tags }) => id !== version.id && tags.includes(tag));
  const others = [...new Set(tagged.flatMap(({ tags }) => tags))]
    .filter((each) => !own?.tags.includes(each))
    .toSorted();
  const attempt = (work: Promise<void>, then: () => void) => {
    setError(null);
    work.then(then, setError);
  };
  const add = () =>
    attempt(
      give(tag, [{ versionId: version.id, weight: 1 }], `The tag ${tag} names version ${version.version} now.`),
      onClose,
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (tag !== "") add();
      }}
    >
      <Stack gap="md">
        {own && own.tags.length > 0 ? (
          <ul className="sw-tag-list" aria-label="Tags">
            {own.tags.map((held) => (
              <li key={held}>
                <span className="sw-mono">{held}</span>
                <Part version={own} tag={held} />
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove ${held}`}
                  disabled={isPending}
                  onClick={() => attempt(remove(held, version), () => setName(""))}
                >
                  Remove
                </Button>
              </li>
            ))}
          </ul>
        ) : (
          <p className="sw-muted sw-flush">
            It has none. A tag is a deployment: what runs by it runs the version that it names.
          </p>
        )}
        <Autocomplete
          data-autofocus
          label="Tag"
          openOnFocus={false}
          description={
            holders.length === 0
              ? "A new one, or one that moves here from another version."
              : `It moves here from version ${holders.map((holder) => holder.version).join(" and ")}.`
          }
          data={others}
          maxLength={64}
          value={name}
          onChange={setName}
        />
        {error !== null && <ErrorState error={error} title="The tags are as they were" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button type="submit" loading={isPending} disabled={tag === ""}>
            {holders.length === 0 ? "Add tag" : "Move tag"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Part({ version, tag }: { version: Version; tag: string }) {
  const share = version.splits.find((split) => split.tag === tag);
  return <span className="sw-muted">{share && `shared, ${formatPercent(share.percent)}`}</span>;
}
