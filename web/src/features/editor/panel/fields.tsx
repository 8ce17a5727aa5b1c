import { NumberInput, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useEditor } from "../editor-context.ts";

interface FieldProps<Value> {
  label: string;
  description?: string | undefined;
  error?: string | undefined;
  value: Value;
  onChange: (value: Value) => void;
}

interface RequiredTextProps extends FieldProps<string> {
  maxLength: number;
}

/** A text that has to be there: an empty one is said, and the last one kept until something is typed. */
export function RequiredText({ value, onChange, error, ...rest }: RequiredTextProps) {
  const { readOnly } = useEditor();
  const [blank, setBlank] = useState(false);
  return (
    <TextInput
      {...rest}
      size="xs"
      readOnly={readOnly}
      value={blank ? "" : value}
      error={blank ? `This cannot be empty. It stays "${value}" until you type another.` : error}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setBlank(text.trim() === "");
        if (text.trim() !== "") onChange(text);
      }}
      onBlur={() => setBlank(false)}
    />
  );
}

interface OptionalTextProps extends FieldProps<string | undefined> {
  maxLength: number;
  minRows?: number;
}

/** A text of any number of lines; empty is none. */
export function OptionalText({ value = "", onChange, minRows = 1, ...rest }: OptionalTextProps) {
  const { readOnly } = useEditor();
  return (
    <Textarea
      {...rest}
      size="xs"
      autosize
      minRows={minRows}
      maxRows={8}
      readOnly={readOnly}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value === "" ? undefined : event.currentTarget.value)}
    />
  );
}

interface NumberRange {
  min: number;
  max: number;
  /** Whole numbers only. */
  whole?: boolean;
  step?: number;
  suffix?: string;
  placeholder?: string;
}

/** A number that has to be there. What does not fit is said and not taken. */
export function RequiredNumber(props: FieldProps<number> & NumberRange) {
  return <NumberField {...props} required onChange={(value) => value !== undefined && props.onChange(value)} />;
}

/** A number that may be left out. */
export function OptionalNumber(props: FieldProps<number | undefined> & NumberRange) {
  return <NumberField {...props} required={false} />;
}

type NumberFieldProps = FieldProps<number | undefined> & NumberRange & { required: boolean };

function NumberField({ value, onChange, error, whole = false, required, min, max, ...rest }: NumberFieldProps) {
  const { readOnly } = useEditor();
  /** What was typed and cannot be taken. */
  const [unfit, setUnfit] = useState<string | null>(null);
  const expected = `${whole ? "A whole number" : "A number"} from ${min} to ${max}${required ? "" : ", or nothing"}.`;
  return (
    <NumberInput
      {...rest}
      size="xs"
      readOnly={readOnly}
      min={min}
      max={max}
      allowDecimal={!whole}
      thousandSeparator=","
      clampBehavior="none"
      value={unfit ?? value ?? ""}
      error={unfit === null ? error : expected}
      onChange={(typed) => {
        if (typed === "" && !required) {
          setUnfit(null);
          onChange(undefined);
          return;
        }
        const fits = typeof typed === "number" && typed >= min && typed <= max;
        setUnfit(fits ? null : String(typed));
        if (fits && typed !== value) onChange(typed);
      }}
      onBlur={() => setUnfit(null)}
    />
  );
}

interface TagsProps extends FieldProps<string[]> {
  suggestions?: string[];
  placeholder?: string;
  maxTags: number;
  /** Whether a tag may be taken. */
  accepts?: (tag: string) => boolean;
}

/** Several short texts. */
export function Tags({ suggestions = [], accepts, value, onChange, ...rest }: TagsProps) {
  const { readOnly } = useEditor();
  return (
    <TagsInput
      {...rest}
      size="xs"
      readOnly={readOnly}
      data={suggestions}
      value={value}
      onChange={(tags) => onChange(accepts ? tags.filter(accepts) : tags)}
    />
  );
}
