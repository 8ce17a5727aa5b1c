import { Autocomplete, Button, Group, Modal, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorState, LinesSkeleton, Loaded } from "../../ui/index.ts";
import { committedQuery, taggedQuery, type Version } from "./queries.ts";
import { sharesOf } from "./shares-of.ts";
import { type Part, SplitParts } from "./split-parts.tsx";
import { useTagging } from "./use-tagging.ts";

interface SplitDialogProps {
  workflowId: string;
  /** The version that gets a part; null while the dialog is closed. */
  version: Version | null;
  onClose: () => void;
}

/** Shares a tag between versions, so that each gets a part of the executions. */
export function SplitDialog({ workflowId, version, onClose }: SplitDialogProps) {
  const tagged = useQuery({ ...taggedQuery(workflowId), enabled: version !== null });
  const committed = useQuery({ ...committedQuery(workflowId), enabled: version !== null });
  return (
    <Modal opened={version !== null} onClose={onClose} title="Split a tag" size="lg">
      {version !== null && (
        <Loaded query={tagged} skeleton={<LinesSkeleton />} title="The tags could not be loaded">
          {(withTags) => (
            <Loaded query={committed} skeleton={<LinesSkeleton />} title="The versions could not be loaded">
              {(versions) => (
                <Split
                  workflowId={workflowId}
                  version={version}
                  tagged={withTags}
                  choice={unique([version, ...withTags, ...versions])}
                  onClose={onClose}
                />
              )}
            </Loaded>
          )}
        </Loaded>
      )}
    </Modal>
  );
}

function unique(versions: readonly Version[]): Version[] {
  return [...new Map(versions.map((version) => [version.id, version])).values()].toSorted(
    (one, other) => other.version - one.version,
  );
}

interface SplitProps {
  workflowId: string;
  version: Version;
  tagged: readonly Version[];
  /** The versions that can be chosen. */
  choice: readonly Version[];
  onClose: () => void;
}

function Split({ workflowId, version, tagged, choice, onClose }: SplitProps) {
  const { give, isPending } = useTagging(workflowId, tagged);
  const known = [...new Set(tagged.flatMap(({ tags }) => tags))].toSorted();
  const [name, setName] = useState(version.tags[0] ?? known[0] ?? "");
  const [parts, setParts] = useState<readonly Part[]>(() => partsFor(name, version, tagged, choice));
  const [error, setError] = useState<unknown>(null);
  const tag = name.trim();
  const shares = parts.flatMap(({ versionId, weight }) => (versionId === null ? [] : [{ versionId, weight }]));
  const complete = tag !== "" && shares.length >= 2 && shares.length === parts.length;
  const submit = () => {
    setError(null);
    give(tag, shares, `The tag ${tag} is shared by ${shares.length} versions now.`).then(onClose, setError);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (complete) submit();
      }}
    >
      <Stack gap="md">
        <p className="sw-flush">
          Each execution that runs by the tag draws one of the versions by its weight, and is counted on the one that it
          ran.
        </p>
        <Autocomplete
          data-autofocus
          label="Tag"
          // It would cover the fields under it before anybody asked for it.
          openOnFocus={false}
          required
          data={known}
          maxLength={64}
          value={name}
          onChange={(next) => {
            setName(next);
            if (known.includes(next)) setParts(partsFor(next, version, tagged, choice));
          }}
        />
        <SplitParts parts={parts} choice={choice} onChange={setParts} />
        {error !== null && <ErrorState error={error} title="The tag is as it was" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending} disabled={!complete}>
            Split tag
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/**
 * What a split begins with: who holds the tag now, and this version with a tenth where it has no part yet. With nobody
 * else to share with, the version before.
 */
function partsFor(tag: string, version: Version, tagged: readonly Version[], choice: readonly Version[]): Part[] {
  const holders = sharesOf(tag, tagged);
  const others = holders.filter(({ versionId }) => versionId !== version.id);
  const own = holders.find(({ versionId }) => versionId === version.id);
  if (others.length === 0) {
    const before = choice.find((each) => each.version < version.version) ?? choice.find(({ id }) => id !== version.id);
    const [rest, mine] = own ? [1, 9] : [9, 1];
    return withKeys([
      { versionId: before?.id ?? null, weight: rest },
      { versionId: version.id, weight: mine },
    ]);
  }
  if (own) return withKeys(holders);
  const total = others.reduce((sum, { weight }) => sum + weight, 0);
  const scale = total < 9 ? 9 : 1;
  return withKeys([
    ...others.map(({ versionId, weight }) => ({ versionId, weight: weight * scale })),
    { versionId: version.id, weight: Math.max(1, Math.round((total * scale) / 9)) },
  ]);
}

function withKeys(parts: readonly Omit<Part, "key">[]): Part[] {
  return parts.map((part) => ({ ...part, key: crypto.randomUUID() }));
}
