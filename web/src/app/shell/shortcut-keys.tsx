import { Modal } from "@mantine/core";
import { useEffect, useEffectEvent, useState } from "react";
import { nextKey, type PressedKey } from "../../lib/key-sequence.ts";
import { type Command, modKey, useCommands, useOfferedCommands } from "../../ui/index.ts";

const OPEN = "sw-open-shortcuts";

/** Shows the list of shortcuts. */
export function openShortcuts(): void {
  dispatchEvent(new Event(OPEN));
}

/** Runs commands by their keys, and lists them under `?`. */
export function ShortcutKeys() {
  const [opened, setOpened] = useState(false);
  const commands = useOfferedCommands();
  useCommands([{ id: "shortcuts", label: "Show keyboard shortcuts", group: "Help", keys: "?", run: openShortcuts }]);

  const press = useEffectEvent((pending: PressedKey | null, event: KeyboardEvent): PressedKey | null => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isBusy(event)) return null;
    const outcome = nextKey(commands.filter(hasKeys), pending, { key: event.key, at: event.timeStamp });
    if (outcome.matched) {
      event.preventDefault();
      outcome.matched.run();
    }
    return outcome.pending;
  });
  useEffect(() => {
    let pending: PressedKey | null = null;
    const onKey = (event: KeyboardEvent) => {
      pending = press(pending, event);
    };
    const onOpen = () => setOpened(true);
    addEventListener("keydown", onKey);
    addEventListener(OPEN, onOpen);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener(OPEN, onOpen);
    };
  }, []);

  const groups = Map.groupBy(commands.filter(hasKeys), ({ group }) => group);
  return (
    <Modal opened={opened} onClose={() => setOpened(false)} title="Keyboard shortcuts">
      {[...groups].map(([group, members]) => (
        <section key={group}>
          <h3 className="sw-shortcuts-group">{group}</h3>
          <dl className="sw-shortcuts">
            {members.map(({ id, label, keys }) => (
              <Shortcut key={id} label={label} keys={keys} />
            ))}
          </dl>
        </section>
      ))}
      <section>
        <h3 className="sw-shortcuts-group">Everywhere</h3>
        <dl className="sw-shortcuts">
          <Shortcut label="Search or go to" keys={`${modKey} K`} />
          <Shortcut label="Next and previous row of a list" keys="↓ ↑" />
          <Shortcut label="Open a row, confirm" keys="Enter" />
          <Shortcut label="Close" keys="Escape" />
        </dl>
      </section>
    </Modal>
  );
}

function Shortcut({ label, keys }: { label: string; keys: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <kbd>{keys}</kbd>
      </dd>
    </>
  );
}

function hasKeys(command: Command): command is Command & { keys: string } {
  return command.keys !== undefined;
}

/** Whether a key is meant for what has the focus: typing, or a dialog or menu that is open. */
function isBusy({ target }: KeyboardEvent): boolean {
  if (document.querySelector("[role=dialog], [role=menu]")) return true;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role=listbox]") !== null;
}
