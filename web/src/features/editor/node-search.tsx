import { Select } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type Ref, useState } from "react";
import { useEditor } from "./editor-context.ts";

/** Typing narrows them. */
const MOST_OFFERED = 30;

/** Finds an agent by its name, role, model or node id, and shows it. Enter takes the first that fits. */
export function NodeSearch({ ref, onFound }: { ref: Ref<HTMLInputElement>; onFound: (nodeId: string) => void }) {
  const { draft } = useEditor();
  const [search, setSearch] = useState("");
  const agentOf = new Map(draft.agents.map((agent) => [agent.nodeId, agent]));
  const nodes = draft.nodes.map(({ id }) => {
    const agent = agentOf.get(id);
    return { value: id, label: agent?.name ?? id, sought: `${id} ${agent?.name} ${agent?.role} ${agent?.model}` };
  });
  const soughtOf = new Map(nodes.map(({ value, sought }) => [value, sought.toLowerCase()]));
  return (
    <Select
      ref={ref}
      className="sw-editor-search"
      size="xs"
      searchable
      limit={MOST_OFFERED}
      aria-label="Find an agent"
      placeholder="Find an agent"
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={<kbd>/</kbd>}
      nothingFoundMessage="No agent by that name"
      data={nodes.map(({ value, label }) => ({ value, label }))}
      value={null}
      searchValue={search}
      onSearchChange={setSearch}
      // Without it a timer marks none once the list is open. Keys overtake timers on a slow machine: it then takes back what
      // was marked with them, and Enter does nothing.
      selectFirstOptionOnDropdownOpen
      selectFirstOptionOnChange
      filter={({ options, search }) =>
        options.filter((option) => {
          const value = "value" in option ? option.value : "";
          return soughtOf.get(value)?.includes(search.trim().toLowerCase()) ?? false;
        })
      }
      onChange={(nodeId) => {
        if (nodeId === null) return;
        setSearch("");
        onFound(nodeId);
      }}
    />
  );
}
