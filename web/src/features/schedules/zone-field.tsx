import { Select } from "@mantine/core";
import { offsetName, zoneFits, zoneLabel, zoneNames } from "./zone-time.ts";

interface ZoneFieldProps {
  value: string;
  onChange: (timezone: string) => void;
  error: string | undefined;
}

/** The zone by whose clocks a schedule goes: found by a city's name or by its offset, shown with how far it is from UTC now. */
export function ZoneField({ value, onChange, error }: ZoneFieldProps) {
  const now = Date.now();
  return (
    <Select
      label="Time zone"
      searchable
      nothingFoundMessage="No zone has such a name. Try the next large city, or an offset like +05:30."
      data={zoneNames(value)}
      limit={50}
      maxDropdownHeight={280}
      filter={({ options, search }) =>
        options.filter((option) => "value" in option && (search === value || zoneFits(option.value, search, now)))
      }
      renderOption={({ option }) => (
        <>
          <span>{zoneLabel(option.value)}</span>
          <span className="sw-muted sw-number" style={{ marginLeft: "auto" }}>
            {offsetName(option.value, now)}
          </span>
        </>
      )}
      allowDeselect={false}
      value={value}
      error={error}
      onChange={(zone) => zone !== null && onChange(zone)}
    />
  );
}
