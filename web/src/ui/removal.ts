import { useSyncExternalStore } from "react";
import { notifyDone, notifyFailed } from "./notify.tsx";

interface Removal {
  id: string;
  /** What is said: "Deleted the entry." */
  done: string;
  /** What is said when it is refused after all, with what was kept: "The entry was not deleted." */
  failed: string;
  /** Does it. It may be called as the page goes away: ask with `keepalive`. */
  remove: () => Promise<unknown>;
}

/** Removals that can still be undone: what really does each. */
const waiting = new Map<string, () => void>();
let removed: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

/**
 * Takes something out of sight at once, and removes it when it can be undone no more. The API knows no way back: what
 * was made anew would have another id and no origin. Leave out of lists what {@link useRemoved} holds.
 */
export function removeWithUndo({ id, done, failed, remove }: Removal): void {
  const settle = () => {
    if (!waiting.delete(id)) return;
    remove().catch((error: unknown) => {
      show(id);
      notifyFailed(error, failed);
    });
  };
  waiting.set(id, settle);
  publish(new Set(removed).add(id));
  notifyDone(done, {
    undo: () => {
      waiting.delete(id);
      show(id);
    },
    settle,
  });
}

/** The ids of what was removed in this tab, or is about to be. */
export function useRemoved(): ReadonlySet<string> {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => removed,
  );
}

// Who closes the tab has said what he wants, and cannot undo it any more.
addEventListener("pagehide", () => {
  for (const settle of waiting.values()) settle();
});

function show(id: string): void {
  const next = new Set(removed);
  next.delete(id);
  publish(next);
}

function publish(next: ReadonlySet<string>): void {
  removed = next;
  for (const listener of listeners) listener();
}
