import { useEffect, useRef } from "react";
import type { Selection } from "./types.ts";

/** As much as is looked at of what React Flow says of nodes and of edges. */
type Change = { type: "select"; id: string; selected: boolean } | { type: Exclude<string, "select"> };

/**
 * Takes in what React Flow says of selected nodes and edges. A click that selects a node and lets go of an edge comes as
 * two calls in one event: the second has to know of the first.
 */
export function useSelectionChanges(selection: Selection, onSelect: ((selection: Selection) => void) | undefined) {
  const latest = useRef(selection);
  useEffect(() => {
    latest.current = selection;
  }, [selection]);
  return (kind: keyof Selection, changes: readonly Change[]) => {
    const selects = changes.filter((change) => "selected" in change);
    if (selects.length === 0) return;
    const ids = new Set(latest.current[kind]);
    for (const { id, selected } of selects) {
      if (selected) ids.add(id);
      else ids.delete(id);
    }
    latest.current = { ...latest.current, [kind]: [...ids] };
    onSelect?.(latest.current);
  };
}
