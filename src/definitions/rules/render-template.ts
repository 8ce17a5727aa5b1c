import { isJsonObject, ownMember, utf8Length } from "./json.ts";
import type { Template } from "./template.ts";

/** Of a rendered prompt in UTF-8. More than any model reads, and far less than the memory of a Worker. */
export const MAX_RENDERED_BYTES = 4 * 1024 * 1024;

/** Outputs of steps by node id. A step that was skipped or has not run is not among them. */
export type Outputs = ReadonlyMap<string, string> | Readonly<Record<string, string>>;

export interface TemplateValues {
  /** The execution's input, as JSON gives it. */
  input: unknown;
  outputs: Outputs;
}

/** The text would be larger than MAX_RENDERED_BYTES: the step fails rather than the Worker. */
export class TemplateTooLarge extends Error {
  constructor() {
    super(
      `The prompt is larger than ${MAX_RENDERED_BYTES} bytes once its values are inserted. ` +
        "Refer to a part of the input or of an output, or let the earlier step answer shorter.",
    );
  }
}

/**
 * Fills a template in. A string is inserted as it is and any other JSON value as JSON; what is missing (a field that
 * the input lacks, the output of a skipped step, a path into an output that is not JSON) becomes nothing. Inserted text
 * is never read as a template: whoever writes an input must not reach other steps' outputs with it.
 * Throws {@link TemplateTooLarge}.
 */
export function renderTemplate(template: Pick<Template, "parts">, values: TemplateValues): string {
  const parsed = new Map<string, unknown>();
  const jsonOf = (nodeId: string, output: string): unknown => {
    if (!parsed.has(nodeId)) parsed.set(nodeId, parseJson(output));
    return parsed.get(nodeId);
  };
  let text = "";
  let bytes = 0;
  for (const part of template.parts) {
    const piece = pieceOf(part, values, jsonOf);
    bytes += utf8Length(piece);
    if (bytes > MAX_RENDERED_BYTES) throw new TemplateTooLarge();
    text += piece;
  }
  return text;
}

function pieceOf(
  part: Template["parts"][number],
  values: TemplateValues,
  jsonOf: (nodeId: string, output: string) => unknown,
): string {
  if (part.kind === "text") return part.text;
  if (part.kind === "input") return textOf(valueAt(values.input, part.path));
  const output = outputOf(values.outputs, part.nodeId);
  if (output === undefined || part.path.length === 0) return output ?? "";
  return textOf(valueAt(jsonOf(part.nodeId, output), part.path));
}

/** The output of a step, from a map or a record; undefined when it has none. */
export function outputOf(outputs: Outputs, nodeId: string): string | undefined {
  if (isMap(outputs)) return outputs.get(nodeId);
  return Object.hasOwn(outputs, nodeId) ? outputs[nodeId] : undefined;
}

function isMap(outputs: Outputs): outputs is ReadonlyMap<string, string> {
  return outputs instanceof Map;
}

/** The value of a text that is JSON; `undefined` for any other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Most agents answer in prose: not being JSON is an ordinary outcome here, told apart by undefined.
    return undefined;
  }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let place = value;
  for (const name of path) {
    if (Array.isArray(place)) place = /^\d{1,9}$/.test(name) ? place[Number(name)] : undefined;
    else if (isJsonObject(place)) place = ownMember(place, name);
    else return undefined;
  }
  return place;
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
