import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { answer } from "../../api/answer.ts";
import { ApiError } from "../../api/api-error.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import type { SaveOutcome } from "./state/autosave.ts";
import { differences } from "./state/differences.ts";
import { type Draft, draftOf } from "./state/draft.ts";

interface Sent {
  draft: Draft;
  revision: number;
}

/** Saves a workflow's draft over the revision that it stands on, and says how that ended. */
export function useSave(workflowId: string): (draft: Draft, revision: number) => Promise<SaveOutcome> {
  const queryClient = useQueryClient();
  const { mutateAsync } = useMutation({
    mutationFn: ({ draft, revision }: Sent) =>
      answer(
        client.api.workflows[":id"].$put({
          param: { id: workflowId },
          header: { "if-match": `"${revision}"` },
          json: draft,
        }),
      ),
    onSuccess: (saved) => {
      queryClient.setQueryData(keys.workflows.one(workflowId), saved);
      void queryClient.invalidateQueries({ queryKey: keys.workflows.list });
      void queryClient.invalidateQueries({ queryKey: keys.versions.of(workflowId) });
    },
  });
  /** What was sent since the last save, and not answered. The server may have one of them all the same. */
  const unanswered = useRef(new Set<Draft>());

  const save = async (sent: Sent) => {
    try {
      return await mutateAsync(sent);
    } catch (error) {
      if (!isConflict(error) || unanswered.current.size === 0) throw error;
      const there = await answer(client.api.workflows[":id"].$get({ param: { id: workflowId } }));
      const isOwn = [...unanswered.current].some((draft) => differences(draft, draftOf(there)).length === 0);
      if (!isOwn) throw error;
      return mutateAsync({ draft: sent.draft, revision: there.revision });
    }
  };
  return async (draft, revision) => {
    try {
      const saved = await save({ draft, revision });
      unanswered.current.clear();
      return { kind: "saved", revision: saved.revision };
    } catch (error) {
      if (isConflict(error)) return { kind: "conflict" };
      const passing = error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.status === 429);
      if (passing) unanswered.current.add(draft);
      return { kind: "failed", error, passing };
    }
  };
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === "draft_conflict";
}
