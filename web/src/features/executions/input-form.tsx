import { SegmentedControl, Stack, Textarea } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type FieldValues, initialValues, inputFields, inputOf } from "../../lib/input-fields.ts";
import { SchemaField } from "./schema-field.tsx";

type Mode = "fields" | "text" | "json";

interface InputFormProps {
  /** The JSON Schema of the workflow's input, if it has one. */
  schema: unknown;
  /** What the form holds in the beginning. */
  initial: unknown;
  /** Called with the input: undefined for none. */
  onSubmit: (input: unknown) => void;
  onChange: () => void;
  /** Whether its first field takes the focus when it appears: in a dialog, which may be there before the form is. */
  first?: boolean;
  /** What stands above the fields. */
  above?: ReactNode;
  /** What stands under the fields: the button among it. */
  children: ReactNode;
}

/** The form for a workflow's input. Whoever changes the way of writing it takes along what was written. */
export function InputForm({ schema, initial, onSubmit, onChange, first = false, above, children }: InputFormProps) {
  const fields = inputFields(schema);
  const plain: Mode = schema === undefined ? "text" : "json";
  const [mode, setMode] = useState<Mode>(() => firstMode(fields !== null, plain, initial));
  const [values, setValues] = useState<FieldValues>(() => initialValues(fields ?? [], initial));
  const [text, setText] = useState(() => (typeof initial === "string" && mode === "text" ? initial : written(initial)));
  const [faults, setFaults] = useState<Record<string, string>>({});

  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (first) form.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
  }, [first]);
  useEffect(() => {
    if (Object.keys(faults).length > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [faults]);

  const change = (next: () => void) => {
    next();
    setFaults({});
    onChange();
  };
  const submit = () => {
    const result = mode === "fields" && fields ? inputOf(fields, values) : parsed(mode, text);
    setFaults(result.faults);
    if (Object.keys(result.faults).length === 0) onSubmit(result.input);
  };
  const turn = (next: Mode) =>
    change(() => {
      if (mode === "fields" && fields) setText(written(inputOf(fields, values).input));
      if (next === "fields" && fields) setValues(initialValues(fields, parsed("json", text).input));
      setMode(next);
    });

  const modes: { value: Mode; label: string }[] = [
    ...(fields ? [{ value: "fields" as const, label: "Fields" }] : []),
    ...(plain === "text" ? [{ value: "text" as const, label: "Text" }] : []),
    { value: "json", label: "JSON" },
  ];
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        {above}
        {modes.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="How to write the input"
            data={modes}
            value={mode}
            onChange={turn}
            style={{ alignSelf: "flex-start" }}
          />
        )}
        {mode === "fields" && fields ? (
          fields.map((field, place) => (
            <SchemaField
              key={field.name}
              field={field}
              value={values[field.name] ?? ""}
              error={faults[field.name]}
              first={first && place === 0}
              onChange={(value) => change(() => setValues((old) => ({ ...old, [field.name]: value })))}
            />
          ))
        ) : (
          <Textarea
            data-autofocus={first || undefined}
            label={mode === "json" ? "Input as JSON" : "Input"}
            autosize
            minRows={mode === "json" ? 6 : 3}
            maxRows={20}
            classNames={mode === "json" ? { input: "sw-mono" } : {}}
            spellCheck={mode === "text"}
            error={faults.text}
            value={text}
            onChange={(event) => {
              const { value } = event.currentTarget;
              change(() => setText(value));
            }}
          />
        )}
        {children}
      </Stack>
    </form>
  );
}

function firstMode(hasFields: boolean, plain: Mode, initial: unknown): Mode {
  if (hasFields) return "fields";
  return plain === "text" && initial !== undefined && initial !== null && typeof initial !== "string" ? "json" : plain;
}

function written(value: unknown): string {
  return value === undefined || value === null ? "" : JSON.stringify(value, null, 2);
}

function parsed(mode: Mode, text: string): { input: unknown; faults: Record<string, string> } {
  if (text.trim() === "") return { input: undefined, faults: {} };
  if (mode === "text") return { input: text, faults: {} };
  try {
    return { input: JSON.parse(text), faults: {} };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { input: undefined, faults: { text: `This is not JSON: ${error.message}` } };
  }
}
