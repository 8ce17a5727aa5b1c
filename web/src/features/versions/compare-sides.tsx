import { ActionIcon, Select } from "@mantine/core";
import { IconArrowsLeftRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCommands } from "../../ui/index.ts";
import { taggedQuery, type Version } from "./queries.ts";
import { versionLabel } from "./reference.ts";

interface CompareSidesProps {
  workflowId: string;
  /** The committed ones, to choose from. */
  versions: readonly Version[];
  from: string;
  to: string;
  onChoose: (sides: { from: string; to: string }) => void;
}

/** The two sides of a comparison, to be chosen and swapped. */
export function CompareSides({ workflowId, versions, from, to, onChoose }: CompareSidesProps) {
  const tagged = useQuery(taggedQuery(workflowId)).data ?? [];
  const swap = () => onChoose({ from: to, to: from });
  useCommands([{ id: "swap", label: "Swap the two sides", group: "This page", keys: "x", run: swap }]);
  const tags = [...new Set(tagged.flatMap((version) => version.tags))].toSorted();
  const all = [...new Map([...versions, ...tagged].map((version) => [version.version, version])).values()].toSorted(
    (one, other) => other.version - one.version,
  );
  const groups = [
    { group: "Not committed", items: [{ value: "draft", label: "Draft" }] },
    { group: "Tags", items: tags.map((tag) => ({ value: tag, label: tag })) },
    {
      group: "Versions",
      items: all.map((version) => ({ value: String(version.version), label: versionLabel(version) })),
    },
  ];
  const dataFor = (reference: string) => {
    const known = groups.some(({ items }) => items.some(({ value }) => value === reference));
    const label = /^\d+$/.test(reference) ? `Version ${reference}` : reference;
    return known ? groups : [...groups, { group: "Chosen", items: [{ value: reference, label }] }];
  };
  return (
    <div className="sw-compare-sides">
      <Select
        label="From"
        searchable
        allowDeselect={false}
        data={dataFor(from)}
        value={from}
        onChange={(next) => next !== null && onChoose({ from: next, to })}
      />
      <ActionIcon variant="default" size={36} aria-label="Swap the two sides" title="Swap the two sides" onClick={swap}>
        <IconArrowsLeftRight size={16} stroke={1.75} aria-hidden />
      </ActionIcon>
      <Select
        label="To"
        searchable
        allowDeselect={false}
        data={dataFor(to)}
        value={to}
        onChange={(next) => next !== null && onChoose({ from, to: next })}
      />
    </div>
  );
}
