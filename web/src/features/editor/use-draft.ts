import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useReducer, useState, useSyncExternalStore } from "react";
import { answer } from "../../api/answer.ts";
import { ApiError } from "../../api/api-error.ts";
import { client } from "../../api/client.ts";
import { keys } from "../../api/keys.ts";
import { useLiveEvents } from "../../api/live.tsx";
import { holdSave } from "../../api/pending-saves.ts";
import { Refusal } from "../../lib/refusal.ts";
import { notifyDone } from "../../ui/index.ts";
import type { Workflow } from "../workflows/index.ts";
import { createAutosave, type SaveOutcome } from "./state/autosave.ts";
import { type Draft, draftOf } from "./state/draft.ts";
import { editorReducer, openedWith } from "./state/editor-state.ts";

const SAVE_AFTER_MS = 1_000;

/** A workflow's draft with its history, saved as it changes. `workflow` is what the server has, as far as is known. */
export function useDraft(workflow: Workflow) {
  const queryClient = useQueryClient();
  const [state, dispatch] = useReducer(editorReducer, workflow, (opened) => openedWith(draftOf(opened)));
  const save = useSave(workflow.id);
  const [autosave] = useState(() =>
    createAutosave({ draft: state.draft, revision: workflow.revision, save, delayMs: SAVE_AFTER_MS }),
  );
  const saving = useSyncExternalStore(autosave.onState, autosave.state);
  useEffect(() => autosave.start(), [autosave]);
  useEffect(() => autosave.change(state.draft), [autosave, state.draft]);
  useEffect(() => {
    const now = () => void autosave.flush();
    // The network is back; somebody turns to another tab, and may close this one.
    addEventListener("online", now);
    document.addEventListener("visibilitychange", now);
    return () => {
      removeEventListener("online", now);
      document.removeEventListener("visibilitychange", now);
    };
  }, [autosave]);
  useEffect(
    () =>
      holdSave(async () => {
        if (!(await autosave.flush()))
          throw new Refusal(
            "The draft in the editor is not saved yet. The editor says why, and saves it as soon as it can.",
          );
      }),
    [autosave],
  );

  useLiveEvents((event) => {
    if (event.type !== "draft" || event.workflowId !== workflow.id || event.revision <= autosave.revision()) return;
    // What is being saved here is refused or was told of itself: both are known with its answer.
    const { kind } = autosave.state();
    if (kind === "saved") void queryClient.invalidateQueries({ queryKey: keys.workflows.one(workflow.id) });
    if (kind === "failed") {
      notifyDone(
        "The draft was changed elsewhere meanwhile. Yours is kept here, and you are asked when it can be saved.",
      );
    }
  });

  // Somebody else saved while nothing here waited to be: there is nothing to decide.
  useEffect(() => {
    if (workflow.revision <= autosave.revision() || autosave.state().kind !== "saved") return;
    const theirs = draftOf(workflow);
    autosave.adopt(theirs, workflow.revision);
    dispatch({ type: "theirs", draft: theirs });
    notifyDone("The draft was changed elsewhere. This is how it is now; undo brings back what you saw before.");
  }, [autosave, workflow]);

  return { state, dispatch, saving, autosave };
}

function useSave(workflowId: string) {
  const queryClient = useQueryClient();
  const { mutateAsync } = useMutation({
    mutationFn: ({ draft, revision }: { draft: Draft; revision: number }) =>
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
  return async (draft: Draft, revision: number): Promise<SaveOutcome> => {
    try {
      const saved = await mutateAsync({ draft, revision });
      return { kind: "saved", revision: saved.revision };
    } catch (error) {
      if (error instanceof ApiError && error.code === "draft_conflict") return { kind: "conflict" };
      const passing = error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.status === 429);
      return { kind: "failed", error, passing };
    }
  };
}
