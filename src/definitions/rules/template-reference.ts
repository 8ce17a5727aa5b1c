/** What a pair of braces stands for. A path leads from the value inwards; an empty one is the value itself. */
export type Reference =
  | { kind: "input"; path: string[] }
  | {
      kind: "step";
      nodeId: string;
      /** Inside the output, read as JSON. */
      path: string[];
    };

export type ReadReference = { ok: true; reference: Reference } | { ok: false; message: string };

const NODE_ID = /^[A-Za-z0-9_-]{1,64}$/;
const NAME = /^[^\s.{}[\]"'`\\]+$/;
const ALLOWED = "{{input}}, {{input.field}} or {{steps.NODE_ID.output}}";

/** Reads what stands between `{{` and `}}`. */
export function readReference(content: string): ReadReference {
  const [root = "", ...path] = content.trim().split(".");
  if (root === "input") return path.every(isName) ? { ok: true, reference: { kind: "input", path } } : badPath(content);
  if (root !== "steps") return refuse(content, `Only ${ALLOWED} can stand here; write \\{{ to mean the braces.`);
  const [nodeId = "", field, ...inside] = path;
  if (!NODE_ID.test(nodeId)) return refuse(content, "Name a node: {{steps.NODE_ID.output}}.");
  if (field !== "output") return refuse(content, `A step has an output only: {{steps.${nodeId}.output}}.`);
  return inside.every(isName) ? { ok: true, reference: { kind: "step", nodeId, path: inside } } : badPath(content);
}

function isName(name: string): boolean {
  return NAME.test(name);
}

function badPath(content: string): ReadReference {
  return refuse(content, "Fields are named with single dots, and items by their number: {{input.items.0.name}}.");
}

function refuse(content: string, hint: string): ReadReference {
  const shown = content.length > 60 ? `${content.slice(0, 60)}...` : content;
  return { ok: false, message: `{{${shown}}} is not known. ${hint}` };
}
