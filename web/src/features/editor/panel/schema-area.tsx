import { Textarea } from "@mantine/core";
import { z } from "zod/mini";
import { useEditor } from "../editor-context.ts";
import type { Settings } from "../state/draft.ts";

type Schema = Settings["inputSchema"];

const jsonObject = z.record(z.string(), z.json());

interface SchemaAreaProps {
  value: Schema;
  /** What is typed and cannot be taken yet. */
  text: string | null;
  error: string | undefined;
  onText: (text: string | null) => void;
  onChange: (schema: Schema) => void;
}

/** The JSON Schema of the input, as text. What is no JSON object yet stays in the field and is not saved. */
export function SchemaArea({ value, text, error, onText, onChange }: SchemaAreaProps) {
  const { readOnly } = useEditor();
  const read = text === null ? null : readSchema(text);
  return (
    <Textarea
      label="Input schema (optional)"
      description="JSON Schema: an input that does not fit is refused, and a form is made of it."
      placeholder={`{"type": "object", "properties": {"topic": {"type": "string"}}}`}
      size="xs"
      autosize
      minRows={4}
      maxRows={16}
      classNames={{ input: "sw-prompt-input" }}
      spellCheck={false}
      readOnly={readOnly}
      value={text ?? (value === undefined ? "" : JSON.stringify(value, null, 2))}
      error={read?.ok === false ? `Not saved: ${read.message}` : error}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        const next = readSchema(typed);
        onText(typed);
        if (next.ok) onChange(next.schema);
      }}
      onBlur={() => {
        // From here on it is laid out as JSON is.
        if (read?.ok) onText(null);
      }}
    />
  );
}

function readSchema(text: string): { ok: true; schema: Schema } | { ok: false; message: string } {
  if (text.trim() === "") return { ok: true, schema: undefined };
  try {
    const parsed = jsonObject.safeParse(JSON.parse(text));
    return parsed.success ? { ok: true, schema: parsed.data } : { ok: false, message: "a JSON object is expected." };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, message: error.message };
    throw error;
  }
}
