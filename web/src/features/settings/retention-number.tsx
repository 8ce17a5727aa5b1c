import { Checkbox, NumberInput, Stack } from "@mantine/core";

/** What is put in when something is no longer kept for ever. */
const ANEW = 90;

interface RetentionNumberProps {
  label: string;
  description: string;
  unit: string;
  most: number;
  endless?: string;
  /** Null for no end. */
  value: number | null;
  error: string | undefined;
  readOnly: boolean;
  onChange: (value: number | null) => void;
}

/** How long or how much of something is kept. */
export function RetentionNumber(props: RetentionNumberProps) {
  const { label, description, unit, most, endless, value, error, readOnly, onChange } = props;
  return (
    <Stack gap="xs">
      <NumberInput
        label={label}
        description={description}
        suffix={value === null ? "" : ` ${unit}`}
        min={1}
        max={most}
        allowDecimal={false}
        thousandSeparator=","
        readOnly={readOnly}
        disabled={value === null}
        placeholder={value === null ? "No end" : ""}
        {...(readOnly ? { variant: "filled", hideControls: true } : {})}
        error={error}
        value={value ?? ""}
        onChange={(next) => {
          if (typeof next === "number") onChange(next);
        }}
      />
      {endless !== undefined && (!readOnly || value === null) && (
        <Checkbox
          label={endless}
          checked={value === null}
          disabled={readOnly}
          onChange={(event) => onChange(event.currentTarget.checked ? null : ANEW)}
        />
      )}
    </Stack>
  );
}
