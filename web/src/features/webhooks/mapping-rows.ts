/** One field of a mapping as it is edited. */
export interface MappingRow {
  /** Of the row, while it is on screen: names change as they are typed. */
  key: string;
  field: string;
  /** The call is refused when the payload has no value for it. */
  required: boolean;
  expression: string;
}

const REQUIRED = "!";

/** A mapping as rows. */
export function rowsOf(mapping: Readonly<Record<string, string>> | null): MappingRow[] {
  return Object.entries(mapping ?? {}).map(([name, expression], place) => {
    const required = name.endsWith(REQUIRED);
    return { key: `saved-${place}`, field: required ? name.slice(0, -1) : name, required, expression };
  });
}

/** The mapping that rows make; null without any, so that the payload itself is the input. Rows that are empty do not count. */
export function mappingOf(rows: readonly MappingRow[]): Record<string, string> | null {
  const filled = rows.filter(({ field, expression }) => field.trim() !== "" || expression.trim() !== "");
  if (filled.length === 0) return null;
  return Object.fromEntries(filled.map((row) => [nameOf(row), row.expression.trim()]));
}

/** What is wrong with rows before anybody is asked, by the row's key. */
export function rowFaults(rows: readonly MappingRow[]): Map<string, string> {
  const faults = new Map<string, string>();
  const seen = new Set<string>();
  for (const { key, field, expression } of rows) {
    const name = field.trim();
    if (name === "" && expression.trim() === "") continue;
    if (name === "") faults.set(key, "Name the field.");
    else if (expression.trim() === "") faults.set(key, "Click a value of the payload, or write an expression.");
    else if (seen.has(name)) faults.set(key, "Another field has this name.");
    seen.add(name);
  }
  return faults;
}

/** Where the API says that a fault of this row is: `payloadTransformer.title!`, or in brackets for an odd name. */
export function placeOf(row: MappingRow): string {
  const name = nameOf(row);
  return /^[\w-]+!?$/.test(name) ? `payloadTransformer.${name}` : `payloadTransformer[${JSON.stringify(name)}]`;
}

function nameOf({ field, required }: MappingRow): string {
  return `${field.trim()}${required ? REQUIRED : ""}`;
}
