import { ActionIcon, Button, NumberInput, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { formatPercent, percentages } from "../../lib/shares.ts";
import type { Version } from "./queries.ts";
import { versionLabel } from "./reference.ts";

/** One version's part of a split, while it is chosen. */
export interface Part {
  /** Keeps the row's fields while others come and go. */
  key: string;
  /** Null until a version is chosen. */
  versionId: string | null;
  weight: number;
}

const MOST_PARTS = 10;
const MOST_WEIGHT = 1_000;

interface SplitPartsProps {
  parts: readonly Part[];
  choice: readonly Version[];
  onChange: (parts: readonly Part[]) => void;
}

/** The versions that share a tag, each with its weight, and what part of the executions that makes. */
export function SplitParts({ parts, choice, onChange }: SplitPartsProps) {
  const percents = percentages(parts.map(({ weight }) => weight));
  const taken = new Set(parts.map(({ versionId }) => versionId));
  const change = (key: string, changed: Partial<Part>) =>
    onChange(parts.map((part) => (part.key === key ? { ...part, ...changed } : part)));
  const nameOf = new Map(choice.map((version) => [version.id, versionLabel(version)]));
  return (
    <fieldset className="sw-split">
      <legend>Versions</legend>
      {parts.map(({ key, versionId, weight }, place) => (
        <div key={key} className="sw-split-row">
          <Select
            aria-label={`Version ${place + 1} of the split`}
            placeholder="Choose a version"
            searchable
            data={choice
              .filter(({ id }) => id === versionId || !taken.has(id))
              .map(({ id }) => ({ value: id, label: nameOf.get(id) ?? id }))}
            value={versionId}
            onChange={(next) => change(key, { versionId: next })}
          />
          <NumberInput
            aria-label={`Weight ${place + 1} of the split`}
            min={1}
            max={MOST_WEIGHT}
            clampBehavior="strict"
            allowDecimal={false}
            allowNegative={false}
            value={weight}
            onChange={(next) => change(key, { weight: Number(next) })}
          />
          <span className="sw-split-percent">{formatPercent(percents[place] ?? 0)}</span>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Take version ${place + 1} out of the split`}
            disabled={parts.length <= 2}
            onClick={() => onChange(parts.filter((part) => part.key !== key))}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <div className="sw-split-bar" aria-hidden>
        {parts.map(({ key, versionId, weight }, place) => (
          <span key={key} style={{ flexGrow: weight }} data-odd={place % 2 === 1}>
            {versionId !== null && nameOf.get(versionId)?.split(" ")[0]}
          </span>
        ))}
      </div>
      <Button
        size="compact-sm"
        variant="default"
        disabled={parts.length >= MOST_PARTS}
        onClick={() => onChange([...parts, { key: crypto.randomUUID(), versionId: null, weight: 1 }])}
      >
        Add a version
      </Button>
    </fieldset>
  );
}
