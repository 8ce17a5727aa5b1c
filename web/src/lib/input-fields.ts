interface FieldBase {
  /** The property's name. */
  name: string;
  /** The schema's title, else the name. */
  label: string;
  description: string | null;
  required: boolean;
}

/** One field of the form that a JSON Schema makes. */
export type InputField = FieldBase &
  (
    | { kind: "text" | "number" | "integer"; initial: string }
    | { kind: "switch"; initial: boolean }
    | { kind: "choice"; options: readonly string[]; initial: string }
  );

/** What was entered, by the name of the field. */
export type FieldValues = Readonly<Record<string, string | boolean>>;

/**
 * The form for an input that a JSON Schema describes: an object of texts, numbers, switches and choices. Null for any
 * other schema: it is written as JSON. What is required stands first; the order that the schema was written in is lost
 * where it is stored.
 */
export function inputFields(schema: unknown): InputField[] | null {
  if (!isObject(schema) || schema.type !== "object" || !isObject(schema.properties)) return null;
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
  const fields = Object.entries(schema.properties).map(([name, property]) =>
    fieldOf(name, property, required.includes(name)),
  );
  const simple = fields.filter((field) => field !== null);
  if (simple.length === 0 || simple.length < fields.length) return null;
  return simple.toSorted((one, other) => Number(other.required) - Number(one.required));
}

/** What each field holds in the beginning: what `input` has for it, else the schema's default. */
export function initialValues(fields: readonly InputField[], input: unknown): FieldValues {
  return Object.fromEntries(
    fields.map(({ name, initial }) => {
      const given = isObject(input) ? input[name] : undefined;
      if (typeof initial === "boolean") return [name, typeof given === "boolean" ? given : initial];
      return [name, typeof given === "string" || typeof given === "number" ? String(given) : initial];
    }),
  );
}

/**
 * The input that the fields make, and what is wrong with single ones, by name. What was left empty and is not required
 * is left out: an empty text is a text, and would be one to the agents.
 */
export function inputOf(fields: readonly InputField[], values: FieldValues) {
  const input: Record<string, unknown> = {};
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const value = values[field.name];
    if (typeof value !== "string") {
      input[field.name] = value === true;
    } else if (value.trim() === "") {
      if (field.required) faults[field.name] = "Fill this in: the workflow's input needs it.";
    } else if (field.kind === "number" || field.kind === "integer") {
      const number = Number(value);
      input[field.name] = number;
      if (!Number.isFinite(number)) faults[field.name] = "Enter a number.";
      else if (field.kind === "integer" && !Number.isInteger(number)) faults[field.name] = "Enter a whole number.";
    } else {
      input[field.name] = value;
    }
  }
  return { input, faults };
}

function fieldOf(name: string, schema: unknown, required: boolean): InputField | null {
  if (!isObject(schema)) return null;
  const { title, description, type } = schema;
  const base = {
    name,
    label: typeof title === "string" ? title : name,
    description: typeof description === "string" ? description : null,
    required,
  };
  const { default: preset } = schema;
  const initial = typeof preset === "string" || typeof preset === "number" ? String(preset) : "";
  if (Array.isArray(schema.enum)) {
    const options = schema.enum.filter((option) => typeof option === "string");
    return options.length === schema.enum.length ? { ...base, kind: "choice", options, initial } : null;
  }
  if (type === "boolean") return { ...base, kind: "switch", initial: preset === true };
  if (type === "string") return { ...base, kind: "text", initial };
  if (type === "number" || type === "integer") return { ...base, kind: type, initial };
  return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
