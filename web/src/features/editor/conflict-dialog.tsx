import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { answer } from "../../api/answer.ts";
import { client } from "../../api/client.ts";
import { ErrorState, Loaded, RelativeTime } from "../../ui/index.ts";
import { type Workflow, workflowQuery } from "../workflows/index.ts";
import { differences } from "./state/differences.ts";
import { type Draft, draftOf } from "./state/draft.ts";

interface ConflictDialogProps {
  workflowId: string;
  opened: boolean;
  mine: Draft;
  /** Takes theirs in. */
  onLoad: (theirs: Workflow) => void;
  /** Saves what is here over theirs, which is kept as a version. */
  onOverwrite: (theirs: Workflow) => void;
}

/** Asks what should become of two drafts that stand on the same one. Neither choice loses the other. */
export function ConflictDialog({ workflowId, opened, ...rest }: ConflictDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={ignored}
      title="The draft was changed elsewhere"
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      size="lg"
    >
      {opened && <Choice workflowId={workflowId} {...rest} />}
    </Modal>
  );
}

function Choice({ workflowId, mine, onLoad, onOverwrite }: Omit<ConflictDialogProps, "opened">) {
  const known = workflowQuery(workflowId);
  const theirs = useQuery({ ...known, queryKey: [...known.queryKey, "theirs"], staleTime: 0, gcTime: 0 });
  const overwrite = useMutation({
    // Their save may still be part of an automatic version that the next one goes into: as a commit it stays.
    mutationFn: async (draft: Workflow) => {
      await answer(
        client.api.workflows[":id"].versions.$post({
          param: { id: workflowId },
          header: { "if-match": `"${draft.revision}"` },
          json: { commitMessage: "Kept before another draft took its place" },
        }),
      );
      return draft;
    },
    onSuccess: onOverwrite,
    // They may have saved again.
    onError: () => void theirs.refetch(),
  });
  return (
    <Loaded query={theirs} title="The other draft could not be loaded. Yours is still here">
      {(draft) => (
        <Stack gap="md">
          <Text>
            Somebody, or you in another window, saved this workflow <RelativeTime at={draft.updatedAt} /> while you were
            editing it. {differenceWords(mine, draft)}
          </Text>
          <Text className="sw-muted">
            Loading theirs keeps yours one undo away. Keeping yours commits theirs as a version first, so that it can be
            compared and restored.
          </Text>
          {overwrite.error && <ErrorState error={overwrite.error} title="Nothing was overwritten" />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={() => onLoad(draft)}>
              Load theirs
            </Button>
            <FirstButton loading={overwrite.isPending} onClick={() => overwrite.mutate(draft)}>
              Keep mine
            </FirstButton>
          </Group>
        </Stack>
      )}
    </Loaded>
  );
}

/** Takes the focus when it appears, which is after the dialog looked for something that wants it. */
function FirstButton(props: { loading: boolean; onClick: () => void; children: string }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return <Button ref={button} {...props} />;
}

function differenceWords(mine: Draft, theirs: Workflow): string {
  const words = differences(mine, draftOf(theirs));
  return words.length === 0 ? "Both are the same." : `They differ in ${words.join(", ")}.`;
}

/** There is no third way: until one is chosen nothing can be saved. */
function ignored(): void {
  return;
}
