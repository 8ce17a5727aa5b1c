import type { Variable } from "../state/completion.ts";
import { ancestorsOf } from "../state/connect.ts";
import { type Draft, nameOfNode } from "../state/draft.ts";

/** What an agent's prompt can name: the input, its fields as far as the schema names them, and outputs of earlier agents. */
export function variablesFor(draft: Draft, nodeId: string): Variable[] {
  const before = ancestorsOf(draft, nodeId);
  return [
    { reference: "input", label: "Input of the workflow" },
    ...inputFields(draft.settings.inputSchema).map((name) => ({
      reference: `input.${name}`,
      label: `Input: ${name}`,
    })),
    ...draft.nodes
      .filter(({ id }) => before.has(id) && id !== nodeId)
      .map(({ id }) => ({ reference: `steps.${id}.output`, label: `Output of ${nameOfNode(draft, id)}` })),
  ];
}

function inputFields(schema: Draft["settings"]["inputSchema"]): string[] {
  const properties = schema?.properties;
  if (typeof properties !== "object" || properties === null || Array.isArray(properties)) return [];
  // Others cannot be named in a prompt.
  return Object.keys(properties).filter((name) => /^[^\s.{}[\]"'`\\]+$/.test(name));
}
