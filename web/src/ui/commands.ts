import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

/** Something that the command palette offers, and a shortcut may do. */
export interface Command {
  /** Unique among what is on screen. */
  id: string;
  /** A verb and a thing: "Create workflow". */
  label: string;
  /** Under which it is listed: "Go to", "This page". */
  group: string;
  /** A key ("c") or two in a row ("g w"). Listed under `?`. */
  keys?: string;
  run: () => void;
}

let commands: readonly Command[] = [];
const listeners = new Set<() => void>();

/**
 * Offers commands while the component is mounted: in the palette, by their keys, and in the list under `?`. What they
 * run is always the newest. `useCommands([{ id: "create", label: "Create workflow", group: "This page", keys: "c", run: open }])`
 */
export function useCommands(offered: readonly Command[]): void {
  const run = useEffectEvent((id: string) => offered.find((command) => command.id === id)?.run());
  // Each render makes new objects; only a change of what is offered is one.
  const shape = JSON.stringify(offered.map(({ id, label, group, keys }) => ({ id, label, group, keys })));
  const offer = useEffectEvent(() => offered.map((command) => ({ ...command, run: () => run(command.id) })));
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for `offered`
  useEffect(() => {
    const mine = offer();
    publish([...commands, ...mine]);
    return () => publish(commands.filter((command) => !mine.includes(command)));
  }, [shape]);
}

/** All commands that are offered now. For the palette and the list of shortcuts. */
export function useOfferedCommands(): readonly Command[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => commands,
  );
}

function publish(next: readonly Command[]): void {
  commands = next;
  for (const listener of listeners) listener();
}
