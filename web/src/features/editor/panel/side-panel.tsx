import { Button, Group } from "@mantine/core";
import { counted } from "../../../lib/tokens.ts";
import { useEditor } from "../editor-context.ts";
import { agentAt } from "../state/draft.ts";
import { without } from "../state/edits.ts";
import { AgentPanel } from "./agent-panel.tsx";
import { EdgePanel } from "./edge-panel.tsx";
import { WorkflowPanel } from "./workflow-panel.tsx";
import "./panel.css";

interface SidePanelProps {
  schemaText: string | null;
  onSchemaText: (text: string | null) => void;
  onCopy: () => void;
}

/** What is selected, to be edited: an agent, an edge, several things, or the workflow itself when it is nothing. */
export function SidePanel(props: SidePanelProps) {
  const { draft, selection } = useEditor();
  const [nodeId, edgeId] = [selection.nodes[0], selection.edges[0]];
  const count = selection.nodes.length + selection.edges.length;
  if (count > 1) return <Several onCopy={props.onCopy} />;
  const agent = nodeId === undefined ? undefined : agentAt(draft, nodeId);
  if (agent) {
    return (
      <section aria-labelledby="sw-panel-title">
        <PanelTitle>Agent</PanelTitle>
        <AgentPanel key={agent.id} agent={agent} />
      </section>
    );
  }
  const edge = draft.edges.find(({ id }) => id === edgeId);
  if (edge) {
    return (
      <section aria-labelledby="sw-panel-title">
        <PanelTitle>Edge</PanelTitle>
        <EdgePanel key={edge.id} edge={edge} />
      </section>
    );
  }
  if (nodeId !== undefined) return <AgentlessNode nodeId={nodeId} />;
  return (
    <section aria-labelledby="sw-panel-title">
      <PanelTitle>Workflow</PanelTitle>
      <WorkflowPanel {...props} />
    </section>
  );
}

function PanelTitle({ children }: { children: string }) {
  return (
    <h2 id="sw-panel-title" className="sw-panel-title">
      {children}
    </h2>
  );
}

function Several({ onCopy }: { onCopy: () => void }) {
  const { draft, selection, readOnly, change } = useEditor();
  const parts = [
    ...(selection.nodes.length > 0 ? [counted(selection.nodes.length, "agent")] : []),
    ...(selection.edges.length > 0 ? [counted(selection.edges.length, "edge")] : []),
  ];
  return (
    <section aria-labelledby="sw-panel-title">
      <PanelTitle>Selected</PanelTitle>
      <div className="sw-panel-part">
        <p>{parts.join(" and ")}. Select a single one to edit it.</p>
        {!readOnly && (
          <Group gap="sm">
            <Button size="xs" variant="default" onClick={onCopy} disabled={selection.nodes.length === 0}>
              Copy
            </Button>
            <Button size="xs" variant="default" onClick={() => change(without(draft, selection))}>
              Delete
            </Button>
          </Group>
        )}
      </div>
    </section>
  );
}

function AgentlessNode({ nodeId }: { nodeId: string }) {
  const { draft, readOnly, change } = useEditor();
  return (
    <section aria-labelledby="sw-panel-title">
      <PanelTitle>Node without an agent</PanelTitle>
      <div className="sw-panel-part">
        <p>
          Nothing runs on <span className="sw-mono">{nodeId}</span>. Delete it, and add an agent in its place.
        </p>
        {!readOnly && (
          <Group gap="sm">
            <Button size="xs" variant="default" onClick={() => change(without(draft, { nodes: [nodeId], edges: [] }))}>
              Delete node
            </Button>
          </Group>
        )}
      </div>
    </section>
  );
}
