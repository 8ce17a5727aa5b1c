import { useQuery } from "@tanstack/react-query";
import { type Dispatch, type RefObject, useEffect, useRef, useState } from "react";
import { providersQuery } from "../../api/providers.ts";
import { Refusal } from "../../lib/refusal.ts";
import { notifyFailed } from "../../ui/index.ts";
import {
  autoLayout,
  CARD,
  type CanvasEditing,
  type CanvasHandle,
  clearPosition,
  type Position,
  type Selection,
} from "../graph/index.ts";
import { defaultTarget } from "../workflows/index.ts";
import { type Clip, clipOf, withPasted } from "./state/clip.ts";
import { refusalOf } from "./state/connect.ts";
import { agentAt, type Draft } from "./state/draft.ts";
import type { EditorAction, EditorState } from "./state/editor-state.ts";
import { withEdge, withNewAgent, without, withPositions } from "./state/edits.ts";
import { randomLetters } from "./state/ids.ts";
import type { EditorActions } from "./use-editor-keys.ts";

const BETWEEN = 96;

/** What was copied last, also from another workflow. */
let clipboard: Clip | null = null;

/** Everything that changes the graph, each as one step of undo. */
export function useEditing(
  state: EditorState,
  dispatch: Dispatch<EditorAction>,
  canvas: RefObject<CanvasHandle | null>,
) {
  const { draft, selection } = state;
  const providers = useQuery(providersQuery);
  // What is computed meanwhile is for the draft as it then is.
  const latest = useRef(draft);
  useEffect(() => {
    latest.current = draft;
  }, [draft]);
  /** Where the view goes once what was changed is drawn: to a node, or to all. */
  const [view, setView] = useState<{ nodeId: string | null } | null>(null);
  useEffect(() => {
    if (view === null) return;
    if (view.nodeId === null) canvas.current?.fit();
    else canvas.current?.show(view.nodeId);
  }, [view, canvas]);

  const change: (next: Draft, options?: { streak?: string; selection?: Selection }) => void = (next, options = {}) =>
    dispatch({ type: "change", draft: next, at: Date.now(), ...options });
  const select = (next: Selection) => dispatch({ type: "select", selection: next });

  const addAt = (position: Position, from?: string) => {
    const like = (from === undefined ? undefined : agentAt(draft, from)) ?? draft.agents.at(-1);
    const target = like ?? (providers.data && defaultTarget(providers.data));
    if (!target) {
      notifyFailed(
        providers.error ?? new Refusal("The catalogue of models is not loaded yet. Try again in a moment."),
        "No agent was added: it needs a model.",
      );
      return;
    }
    const { provider, model } = target;
    const added = withNewAgent(draft, { position, target: { provider, model }, from }, randomLetters);
    change(added.draft, { selection: { nodes: [added.nodeId], edges: [] } });
    setView({ nodeId: added.nodeId });
  };
  const connect = (source: string, target: string) => {
    const refusal = refusalOf(draft, source, target);
    if (refusal === null) change(withEdge(draft, source, target, randomLetters));
    else notifyFailed(new Refusal(refusal), "The edge was not drawn.");
  };

  const actions: Omit<EditorActions, "search" | "edit"> = {
    add: () => {
      const [only, another] = selection.nodes;
      const before = another === undefined ? draft.nodes.find(({ id }) => id === only) : undefined;
      if (!before) {
        addAt(canvas.current?.middle() ?? { x: 0, y: 0 });
        return;
      }
      const { x, y } = before.position;
      addAt(clearPosition(draft.nodes, { x: x + CARD.width + BETWEEN, y }), before.id);
    },
    layOut: () =>
      void autoLayout(latest.current).then(
        (positions) => {
          change(withPositions(latest.current, positions));
          setView({ nodeId: null });
        },
        (error: unknown) => notifyFailed(error, "The graph was not laid out."),
      ),
    fit: () => canvas.current?.fit(),
    undo: () => dispatch({ type: "undo" }),
    redo: () => dispatch({ type: "redo" }),
    copy: () => {
      const clip = clipOf(draft, selection);
      if (clip) clipboard = clip;
      return clip !== null;
    },
    paste: () => {
      if (!clipboard) return;
      const pasted = withPasted(draft, clipboard, randomLetters);
      change(pasted.draft, { selection: pasted.added });
    },
    selectAll: () => select({ nodes: draft.nodes.map(({ id }) => id), edges: draft.edges.map(({ id }) => id) }),
    remove: () => {
      if (selection.nodes.length + selection.edges.length > 0) change(without(draft, selection));
    },
  };
  const canvasEditing: CanvasEditing = {
    onMove: (positions) => change(withPositions(draft, positions), { streak: `move ${[...positions.keys()]}` }),
    mayConnect: (source, target) => refusalOf(draft, source, target) === null,
    onConnect: connect,
    onConnectToNew: (source, position) => addAt(position, source),
    onAdd: (position) => addAt(position),
  };
  return { change, select, actions, canvasEditing };
}
