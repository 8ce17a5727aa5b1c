import { ActionIcon, Checkbox, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { MappingRow } from "./mapping-rows.ts";

interface MappingFieldsProps {
  rows: readonly MappingRow[];
  /** What is wrong, by the row's key. */
  faults: ReadonlyMap<string, string>;
  onChange: (rows: MappingRow[]) => void;
}

/** The fields of the input, each with the expression that it is taken by. */
export function MappingFields({ rows, faults, onChange }: MappingFieldsProps) {
  const change = (key: string, changed: Partial<MappingRow>) =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...changed } : row)));
  return (
    <ul className="sw-mapping-rows" aria-label="Fields of the input">
      {rows.map((row, place) => {
        const name = row.field === "" ? `field ${place + 1}` : row.field;
        return (
          <li key={row.key}>
            <TextInput
              aria-label={`Name of ${name}`}
              placeholder="Field"
              maxLength={128}
              value={row.field}
              onChange={(event) => change(row.key, { field: event.currentTarget.value })}
            />
            <TextInput
              aria-label={`Expression of ${name}`}
              placeholder="issue.title"
              classNames={{ input: "sw-mono" }}
              spellCheck={false}
              autoComplete="off"
              value={row.expression}
              error={faults.get(row.key)}
              onChange={(event) => change(row.key, { expression: event.currentTarget.value })}
            />
            <Checkbox
              label="Required"
              aria-label={`Require ${name}`}
              checked={row.required}
              onChange={(event) => change(row.key, { required: event.currentTarget.checked })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove ${name}`}
              onClick={() => onChange(rows.filter(({ key }) => key !== row.key))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </li>
        );
      })}
    </ul>
  );
}
