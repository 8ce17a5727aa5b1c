import type { Selection } from "../../graph/index.ts";
import { type Draft, NOTHING_SELECTED } from "./draft.ts";

/** How many steps can be undone. */
const MOST_STEPS = 200;
/** What is typed into one field is one step of undo until it rests for this long (ms). */
const STREAK_MS = 1_500;

/** The editor's document with its history. */
export interface EditorState {
  draft: Draft;
  selection: Selection;
  /** Oldest first. */
  past: readonly Draft[];
  /** What was undone, the last undone first. */
  future: readonly Draft[];
  /** What the last change was part of, and when (epoch ms): the next one may go into the same step. */
  streak: { key: string; at: number } | null;
}

/**
 * What happens to it. A change whose `streak` is that of the change before, and soon after it, becomes one step of undo
 * with it. `theirs` is the draft as somebody else saved it: what was there before can be brought back by undoing.
 */
export type EditorAction =
  | { type: "change"; draft: Draft; at: number; streak?: string; selection?: Selection }
  | { type: "theirs"; draft: Draft }
  | { type: "select"; selection: Selection }
  | { type: "undo" }
  | { type: "redo" };

/** The state in which a workflow is opened. */
export function openedWith(draft: Draft): EditorState {
  return { draft, selection: NOTHING_SELECTED, past: [], future: [], streak: null };
}

/** The reducer of the editor. Pure: times and ids come with the action. */
export function editorReducer(state: EditorState, action: EditorAction): EditorState {
  switch (action.type) {
    case "change":
      return changed(state, action);
    case "theirs":
      return changed(state, { draft: action.draft, at: 0 });
    case "select":
      return { ...state, selection: action.selection };
    case "undo": {
      const before = state.past.at(-1);
      if (before === undefined) return state;
      const past = state.past.slice(0, -1);
      return shown({ ...state, draft: before, past, future: [state.draft, ...state.future] });
    }
    case "redo": {
      const [next, ...future] = state.future;
      if (next === undefined) return state;
      return shown({ ...state, draft: next, past: [...state.past, state.draft], future });
    }
  }
}

function changed(
  state: EditorState,
  { draft, at, streak, selection }: { draft: Draft; at: number; streak?: string; selection?: Selection },
): EditorState {
  if (draft === state.draft) return state;
  const goesOn = streak !== undefined && state.streak?.key === streak && at - state.streak.at <= STREAK_MS;
  const past = goesOn ? state.past : [...state.past, state.draft].slice(-MOST_STEPS);
  return {
    ...shown({ ...state, draft, past, future: [], selection: selection ?? state.selection }),
    streak: streak === undefined ? null : { key: streak, at },
  };
}

/** Lets go of what is selected and no longer there. */
function shown(state: EditorState): EditorState {
  const nodes = new Set(state.draft.nodes.map(({ id }) => id));
  const edges = new Set(state.draft.edges.map(({ id }) => id));
  const selection = {
    nodes: state.selection.nodes.filter((id) => nodes.has(id)),
    edges: state.selection.edges.filter((id) => edges.has(id)),
  };
  return { ...state, selection, streak: null };
}
