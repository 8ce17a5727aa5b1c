import { type Reference, readReference } from "./template-reference.ts";

export type { Reference } from "./template-reference.ts";

export interface TemplateFault {
  message: string;
  /** Where the braces begin, in UTF-16 code units from 0. */
  index: number;
}

export type TemplatePart = { kind: "text"; text: string } | Reference;

export interface Template {
  /** In order. What is faulty stands here as the text that was written. */
  parts: TemplatePart[];
  references: Reference[];
  faults: TemplateFault[];
}

/**
 * Reads a prompt: `{{input}}`, `{{input.a.b}}` (an array's item by its number: `{{input.items.0}}`),
 * `{{steps.NODE_ID.output}}` and, when that output is JSON, `{{steps.NODE_ID.output.a.b}}`. White space next to the
 * braces is ignored. `\{{` writes a literal `{{`. Anything else between `{{` and `}}` is a fault. Total, in linear time.
 */
export function parseTemplate(text: string): Template {
  const template: Template = { parts: [], references: [], faults: [] };
  let literal = "";
  let position = 0;
  while (position < text.length) {
    const open = text.indexOf("{{", position);
    if (open === -1) break;
    if (text[open - 1] === "\\" && open > position) {
      literal += `${text.slice(position, open - 1)}{{`;
      position = open + 2;
      continue;
    }
    literal += text.slice(position, open);
    const close = text.indexOf("}}", open + 2);
    position = open;
    if (close === -1) {
      template.faults.push({
        index: open,
        message: "This {{ is never closed. Add }}, or write \\{{ to mean the braces.",
      });
      break;
    }
    const read = readReference(text.slice(open + 2, close));
    if (read.ok) {
      if (literal !== "") template.parts.push({ kind: "text", text: literal });
      literal = "";
      template.parts.push(read.reference);
      template.references.push(read.reference);
    } else {
      template.faults.push({ index: open, message: read.message });
      literal += text.slice(open, close + 2);
    }
    position = close + 2;
  }
  literal += text.slice(position);
  if (literal !== "") template.parts.push({ kind: "text", text: literal });
  return template;
}
