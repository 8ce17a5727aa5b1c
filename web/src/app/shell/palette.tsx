import { useHotkeys } from "@mantine/hooks";
import { createSpotlight, Spotlight, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { type Command, useOfferedCommands } from "../../ui/index.ts";

const [store, { open }] = createSpotlight();

/** Opens the command palette. */
export const openPalette = open;

/** The command palette: everything that pages offer with `useCommands`. mod+K opens it. */
export function Palette() {
  const commands = useOfferedCommands();
  // Not over a dialog: Escape would close both, and what was typed there would be lost.
  useHotkeys([["mod+K", () => document.querySelector("[role=dialog]") === null && open()]]);
  return (
    <Spotlight
      store={store}
      actions={grouped(commands)}
      shortcut={null}
      nothingFound="Nothing by that name"
      title="Commands"
      centered={false}
      overlayProps={{ backgroundOpacity: 0.4, blur: 0 }}
      scrollable
      maxHeight={400}
      searchProps={{
        leftSection: <IconSearch size={16} aria-hidden />,
        placeholder: "What do you want to do?",
        "aria-label": "What do you want to do?",
      }}
    />
  );
}

function grouped(commands: readonly Command[]): SpotlightActionGroupData[] {
  const groups = Map.groupBy(commands, ({ group }) => group);
  return [...groups].map(([group, members]) => ({
    group,
    actions: members.map(({ id, label, keys, run }) => ({
      id,
      label,
      onClick: run,
      ...(keys === undefined ? {} : { rightSection: <kbd>{keys}</kbd> }),
    })),
  }));
}
