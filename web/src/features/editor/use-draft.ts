import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useReducer, useRef, useState, useSyncExternalStore } from "react";
import { keys } from "../../api/keys.ts";
import { useLiveEvents } from "../../api/live.tsx";
import { holdSave } from "../../api/pending-saves.ts";
import { Refusal } from "../../lib/refusal.ts";
import { notifyDone } from "../../ui/index.ts";
import type { Workflow } from "../workflows/index.ts";
import { createAutosave } from "./state/autosave.ts";
import { draftOf } from "./state/draft.ts";
import { editorReducer, openedWith } from "./state/editor-state.ts";
import { useSave } from "./use-save.ts";

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

  /** The newest revision that was told of. Which of them was made here is known once nothing is being saved. */
  const told = useRef(workflow.revision);
  useLiveEvents((event) => {
    if (event.type !== "draft" || event.workflowId !== workflow.id || event.revision <= autosave.revision()) return;
    told.current = Math.max(told.current, event.revision);
    const now = autosave.state();
    if (now.kind === "saved") void queryClient.invalidateQueries({ queryKey: keys.workflows.one(workflow.id) });
    // The server answers again: it may have what was sent last, or ask.
    if (now.kind === "failed" && now.passing) void autosave.flush();
    if (now.kind === "failed" && !now.passing) {
      notifyDone(
        "The draft was changed elsewhere meanwhile. Yours is kept here, and you are asked when it can be saved.",
      );
    }
  });

  // Somebody else saved while nothing here waited to be: there is nothing to decide.
  useEffect(() => {
    if (saving.kind !== "saved" || autosave.state().kind !== "saved") return;
    if (workflow.revision > autosave.revision()) {
      const theirs = draftOf(workflow);
      autosave.adopt(theirs, workflow.revision);
      dispatch({ type: "theirs", draft: theirs });
      notifyDone("The draft was changed elsewhere. This is how it is now; undo brings back what you saw before.");
    } else if (told.current > autosave.revision()) {
      void queryClient.invalidateQueries({ queryKey: keys.workflows.one(workflow.id) });
    }
  }, [autosave, workflow, saving.kind, queryClient]);

  return { state, dispatch, saving, autosave };
}
