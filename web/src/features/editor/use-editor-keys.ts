import { useEffect, useEffectEvent } from "react";
import { modKey, useCommands } from "../../ui/index.ts";

/** What keys with a modifier, and those that delete, do. */
export interface EditorActions {
  add: () => void;
  layOut: () => void;
  search: () => void;
  /** Goes to the panel of what is selected. */
  edit: () => void;
  fit: () => void;
  undo: () => void;
  redo: () => void;
  /** False when there is nothing to copy: the browser then copies what it would. */
  copy: () => boolean;
  paste: () => void;
  selectAll: () => void;
  remove: () => void;
}

const GROUP = "Editor";

/** The editor's keys, in the palette and the list under `?` too. Keys that are typed into a field stay the field's. */
export function useEditorKeys(actions: EditorActions, readOnly: boolean): void {
  useCommands([
    { id: "editor-search", label: "Find an agent", group: GROUP, keys: "/", run: actions.search },
    { id: "editor-edit", label: "Go to the details of what is selected", group: GROUP, keys: "e", run: actions.edit },
    { id: "editor-fit", label: "Show the whole graph", group: GROUP, keys: "f", run: actions.fit },
    ...(readOnly
      ? []
      : [
          { id: "editor-add", label: "Add agent", group: GROUP, keys: "a", run: actions.add },
          { id: "editor-layout", label: "Lay out the graph", group: GROUP, keys: "l", run: actions.layOut },
          { id: "editor-undo", label: "Undo", group: GROUP, keys: `${modKey} Z`, run: actions.undo },
          { id: "editor-redo", label: "Redo", group: GROUP, keys: `Shift ${modKey} Z`, run: actions.redo },
          { id: "editor-copy", label: "Copy what is selected", group: GROUP, keys: `${modKey} C`, run: actions.copy },
          { id: "editor-paste", label: "Paste", group: GROUP, keys: `${modKey} V`, run: actions.paste },
          { id: "editor-all", label: "Select all", group: GROUP, keys: `${modKey} A`, run: actions.selectAll },
          { id: "editor-remove", label: "Delete what is selected", group: GROUP, keys: "Delete", run: actions.remove },
        ]),
  ]);

  const press = useEffectEvent((event: KeyboardEvent) => {
    if (readOnly || event.defaultPrevented || isTyping(event.target) || document.querySelector("[role=dialog]")) return;
    if (runKey(event, actions)) event.preventDefault();
  });
  useEffect(() => {
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

/** Whether the key did something. */
function runKey(event: KeyboardEvent, actions: EditorActions): boolean {
  if (event.altKey) return false;
  if (!event.ctrlKey && !event.metaKey) {
    // "Delete" runs as a command; this key deletes too, and its name is no key of a list.
    if (event.key !== "Backspace") return false;
    actions.remove();
    return true;
  }
  switch (event.key.toLowerCase()) {
    case "z":
      if (event.shiftKey) actions.redo();
      else actions.undo();
      return true;
    case "y":
      actions.redo();
      return true;
    case "c":
      return (getSelection()?.toString() ?? "") === "" && actions.copy();
    case "v":
      actions.paste();
      return true;
    case "a":
      actions.selectAll();
      return true;
    default:
      return false;
  }
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role=listbox]") !== null;
}
