import { Select, Switch, Textarea, TextInput } from "@mantine/core";
import type { InputField } from "../../lib/input-fields.ts";

interface SchemaFieldProps {
  field: InputField;
  value: string | boolean;
  error: string | undefined;
  /** Whether a dialog that opens with it gives it the focus. */
  first: boolean;
  onChange: (value: string | boolean) => void;
}

/** One field of a form that a JSON Schema makes. */
export function SchemaField({ field, value, error, first, onChange }: SchemaFieldProps) {
  const common = {
    label: field.required || field.kind === "switch" ? field.label : `${field.label} (optional)`,
    description: field.description,
    error,
    "data-autofocus": first || undefined,
  };
  const text = typeof value === "string" ? value : "";
  switch (field.kind) {
    case "switch":
      return (
        <Switch {...common} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
      );
    case "choice":
      return (
        <Select
          {...common}
          data={[...field.options]}
          value={text === "" ? null : text}
          clearable={!field.required}
          onChange={(chosen) => onChange(chosen ?? "")}
        />
      );
    case "text":
      return (
        <Textarea
          {...common}
          autosize
          minRows={1}
          maxRows={12}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "number":
    case "integer":
      return (
        <TextInput
          {...common}
          inputMode={field.kind === "integer" ? "numeric" : "decimal"}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
