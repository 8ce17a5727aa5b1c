import { ActionIcon, Select, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEditor } from "../editor-context.ts";
import { ancestorsOf } from "../state/connect.ts";
import { nameOfNode } from "../state/draft.ts";
import { withEdge, without } from "../state/edits.ts";
import { randomLetters } from "../state/ids.ts";

/** Typing narrows them. */
const MOST_OFFERED = 30;

/** Where an agent's edges come from and lead to: the way to connect agents without a mouse. */
export function AgentEdges({ nodeId }: { nodeId: string }) {
  const { draft, readOnly, change, select } = useEditor();
  const own = draft.edges.filter(({ source, target }) => source === nodeId || target === nodeId);
  const before = ancestorsOf(draft, nodeId);
  const after = new Set(own.map(({ target }) => target));
  const targets = draft.nodes
    .filter(({ id }) => id !== nodeId && !before.has(id) && !after.has(id))
    .map(({ id }) => ({ value: id, label: nameOfNode(draft, id) }));
  return (
    <>
      {own.length === 0 && (
        <Text size="xs" className="sw-muted">
          No edges: it runs on its own, on the input.
        </Text>
      )}
      <ul className="sw-edge-list">
        {own.map(({ id, source, target, condition }) => {
          const words = source === nodeId ? `to ${nameOfNode(draft, target)}` : `from ${nameOfNode(draft, source)}`;
          return (
            <li key={id}>
              <button type="button" onClick={() => select({ nodes: [], edges: [id] })}>
                <span>{words}</span>
                {condition !== undefined && <span className="sw-mono">if {condition}</span>}
              </button>
              {!readOnly && (
                <ActionIcon
                  size={24}
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove the edge ${words}`}
                  title="Remove the edge"
                  onClick={() => change(without(draft, { nodes: [], edges: [id] }))}
                >
                  <IconX size={14} aria-hidden />
                </ActionIcon>
              )}
            </li>
          );
        })}
      </ul>
      {!readOnly && targets.length > 0 && (
        <Select
          label="Connect to"
          size="xs"
          placeholder="Choose an agent"
          searchable
          limit={MOST_OFFERED}
          data={targets}
          value={null}
          // As in the search for an agent: what is marked with keys stays marked.
          selectFirstOptionOnDropdownOpen
          selectFirstOptionOnChange
          onChange={(target) => target !== null && change(withEdge(draft, nodeId, target, randomLetters))}
        />
      )}
    </>
  );
}
