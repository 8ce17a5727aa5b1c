import { createContext, useContext } from "react";
import type { Selection } from "../graph/index.ts";
import type { Draft } from "./state/draft.ts";
import type { Fault } from "./state/faults.ts";

/** The draft that is edited, for every part of the editor. */
export interface EditorContextValue {
  workflowId: string;
  draft: Draft;
  selection: Selection;
  /** For viewers: what is there can be looked at. */
  readOnly: boolean;
  faults: readonly Fault[];
  /** Takes a changed draft in. Changes of the same `streak` in a row are undone together. */
  change: (draft: Draft, options?: { streak?: string; selection?: Selection }) => void;
  select: (selection: Selection) => void;
}

export const EditorContext = createContext<EditorContextValue | null>(null);

/** The draft that is edited. */
export function useEditor(): EditorContextValue {
  const value = useContext(EditorContext);
  if (!value) throw new Error("this part belongs inside the editor");
  return value;
}
