import { Button, Textarea } from "@mantine/core";
import { useEditor } from "../editor-context.ts";
import { type Edge, nameOfNode } from "../state/draft.ts";
import { withEdgeChange, without } from "../state/edits.ts";
import { faultText } from "../state/faults.ts";

/** An edge and the condition under which it is taken. */
export function EdgePanel({ edge }: { edge: Edge }) {
  const { draft, readOnly, faults, change, select } = useEditor();
  const own = faults.filter(({ edgeId }) => edgeId === edge.id);
  const [source, target] = [nameOfNode(draft, edge.source), nameOfNode(draft, edge.target)];
  return (
    <div className="sw-panel-part">
      <p>
        From <End name={source} onClick={() => select({ nodes: [edge.source], edges: [] })} /> to{" "}
        <End name={target} onClick={() => select({ nodes: [edge.target], edges: [] })} />.
      </p>
      <Textarea
        label="Condition (optional)"
        description={`JMESPath over input, output (what ${source} answered), json (the same, read as JSON) and steps. The edge is taken when it holds, and always without one.`}
        placeholder="contains(output, 'approved')"
        size="xs"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={1_000}
        classNames={{ input: "sw-prompt-input" }}
        spellCheck={false}
        readOnly={readOnly}
        error={faultText(own, "condition") ?? faultText(own, "")}
        value={edge.condition ?? ""}
        onChange={(event) => {
          const condition = event.currentTarget.value === "" ? undefined : event.currentTarget.value;
          change(withEdgeChange(draft, edge.id, { condition }), { streak: `${edge.id} condition` });
        }}
      />
      {!readOnly && (
        <Button size="xs" variant="default" onClick={() => change(without(draft, { nodes: [], edges: [edge.id] }))}>
          Delete edge
        </Button>
      )}
    </div>
  );
}

function End({ name, onClick }: { name: string; onClick: () => void }) {
  return (
    <button type="button" className="sw-panel-link" onClick={onClick}>
      {name}
    </button>
  );
}
