import { Autocomplete, Button, Select, TextInput } from "@mantine/core";
import { useEffect, useEffectEvent, useState } from "react";
import "./filter-bar.css";

const TYPING_MS = 250;
/** More are found by typing. */
const MOST_OPTIONS = 100;

/** One filter, by the name of its search parameter. */
export type Filter<Name extends string> =
  | {
      kind: "choice";
      name: Name;
      label: string;
      options: readonly { value: string; label: string }[];
      /** For long lists: typing narrows it down, and only so many are drawn. */
      searchable?: boolean;
      /** What stands there when nothing is chosen. Default: the label. */
      placeholder?: string;
    }
  | { kind: "date"; name: Name; label: string }
  /** `suggestions` are offered while one types; anything else may be typed too. */
  | { kind: "text"; name: Name; label: string; suggestions?: readonly string[] };

interface FilterBarProps<Name extends string> {
  filters: readonly Filter<Name>[];
  /** The page's search parameters, as its route has validated them. */
  values: Partial<Record<Name, string | undefined>>;
  /** To put into the address: `navigate({ search: (old) => ({ ...old, ...changed }), replace: true })`. */
  onChange: (changed: Partial<Record<Name, string | undefined>>) => void;
}

/** Filters under a page's title. They live in the address, so that a filtered list can be sent to somebody and reloads. */
export function FilterBar<Name extends string>({ filters, values, onChange }: FilterBarProps<Name>) {
  const change = (name: Name, value: string | null) =>
    onChange(patch(name, value === null || value === "" ? undefined : value));
  const anySet = filters.some(({ name }) => values[name] !== undefined);
  return (
    <search className="sw-filters" aria-label="Filters">
      {filters.map((filter) =>
        filter.kind === "choice" ? (
          <Select
            key={filter.name}
            size="xs"
            w={160}
            aria-label={filter.label}
            placeholder={filter.placeholder ?? filter.label}
            searchable={filter.searchable ?? false}
            limit={MOST_OPTIONS}
            nothingFoundMessage="Nothing by that name"
            clearable
            clearButtonProps={{ "aria-label": `Clear ${filter.label.toLowerCase()}` }}
            data={filter.options.map((option) => ({ ...option }))}
            value={values[filter.name] ?? null}
            onChange={(value) => change(filter.name, value)}
          />
        ) : (
          <TypedFilter
            key={filter.name}
            filter={filter}
            value={values[filter.name] ?? ""}
            onChange={(value) => change(filter.name, value)}
          />
        ),
      )}
      {anySet && (
        <Button
          size="xs"
          variant="subtle"
          color="gray"
          onClick={() => {
            for (const { name } of filters) if (values[name] !== undefined) change(name, null);
          }}
        >
          Clear filters
        </Button>
      )}
    </search>
  );
}

interface TypedFilterProps {
  filter: { kind: "text" | "date"; label: string; suggestions?: readonly string[] };
  value: string;
  onChange: (value: string) => void;
}

/** Waits for the typing to pause: each letter would be an address of its own, and a request. */
function TypedFilter({ filter, value, onChange }: TypedFilterProps) {
  const [typed, setTyped] = useState(value);
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    // The address changed by itself: back, or "Clear filters".
    setShown(value);
    setTyped(value);
  }
  const settle = useEffectEvent(onChange);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => settle(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, value]);
  if (filter.suggestions !== undefined) {
    return (
      <Autocomplete
        size="xs"
        w={184}
        aria-label={filter.label}
        placeholder={filter.label}
        data={[...filter.suggestions]}
        limit={12}
        value={typed}
        onChange={setTyped}
      />
    );
  }
  return (
    <TextInput
      size="xs"
      w={filter.kind === "date" ? 184 : 200}
      // An empty date field shows its format, and not what it is for.
      leftSection={filter.kind === "date" ? <span className="sw-muted">{filter.label}</span> : undefined}
      leftSectionWidth={filter.kind === "date" ? 48 : undefined}
      type={filter.kind === "date" ? "date" : "search"}
      aria-label={filter.label}
      placeholder={filter.label}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}

/** An object of one name: a computed key alone would be an object of any. */
function patch<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string | undefined>> {
  const changed: Partial<Record<Name, string | undefined>> = {};
  changed[name] = value;
  return changed;
}
