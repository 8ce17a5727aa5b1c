import { Button, Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { keys } from "../../api/keys.ts";
import { useCan } from "../../api/me.ts";
import { EmptyState, notifyDone, UnsavedGuard } from "../../ui/index.ts";
import { type CanvasHandle, GraphCanvas } from "../graph/index.ts";
import type { Workflow } from "../workflows/index.ts";
import { ConflictDialog } from "./conflict-dialog.tsx";
import { EditorContext, type EditorContextValue } from "./editor-context.ts";
import { FaultList } from "./fault-list.tsx";
import { SidePanel } from "./panel/side-panel.tsx";
import { SaveMark } from "./save-mark.tsx";
import { draftOf, NOTHING_SELECTED } from "./state/draft.ts";
import { type Fault, faultMarks } from "./state/faults.ts";
import { Toolbar } from "./toolbar.tsx";
import { useDraft } from "./use-draft.ts";
import { useEditing } from "./use-editing.ts";
import { useEditorKeys } from "./use-editor-keys.ts";
import { useLastRun } from "./use-last-run.ts";
import { useValidation } from "./use-validation.ts";
import "./editor.css";

/** Below this the panel does not stand beside the canvas, but opens over it. */
const NARROW = "(max-width: 1100px)";

/** A workflow's draft as a graph, with everything that can be done to it. */
export function Editor({ workflow }: { workflow: Workflow }) {
  const queryClient = useQueryClient();
  const readOnly = !useCan("workflows.edit");
  const { state, dispatch, saving, autosave } = useDraft(workflow);
  const { draft, selection } = state;
  const checked = useValidation(workflow.id, draft);
  const faults = checked?.faults ?? null;
  const canvas = useRef<CanvasHandle>(null);
  const search = useRef<HTMLInputElement>(null);
  const { change, select, canvasEditing, actions } = useEditing(state, dispatch, canvas);
  const narrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
  const [opened, setOpened] = useState(false);
  const beside = useRef<HTMLElement>(null);
  const edit = () => {
    setOpened(true);
    beside.current?.querySelector<HTMLElement>("input, textarea, button")?.focus();
  };
  useEditorKeys({ ...actions, search: () => search.current?.focus(), edit }, readOnly);
  const [schemaText, setSchemaText] = useState<string | null>(null);

  const lastRun = useLastRun(workflow.id);
  const marks = useMemo(() => {
    const { nodes, edges } = faultMarks(faults ?? []);
    const all = draft.nodes.map(({ id }) => [id, { ...lastRun[id], ...nodes[id] }] as const);
    return { nodes: Object.fromEntries(all), edges };
  }, [draft.nodes, lastRun, faults]);

  const show = (nodeId: string) => {
    select({ nodes: [nodeId], edges: [] });
    canvas.current?.show(nodeId);
  };
  const goTo = ({ nodeId, edgeId }: Fault) => {
    const edge = draft.edges.find(({ id }) => id === edgeId);
    if (edge) {
      select({ nodes: [], edges: [edge.id] });
      canvas.current?.show(edge.source);
    } else if (nodeId !== null) show(nodeId);
    else select(NOTHING_SELECTED);
    setOpened(true);
  };
  const context: EditorContextValue = {
    workflowId: workflow.id,
    draft,
    selection,
    readOnly,
    faults: faults ?? [],
    change,
    select,
  };
  const panel = <SidePanel schemaText={schemaText} onSchemaText={setSchemaText} onCopy={actions.copy} />;

  return (
    <EditorContext value={context}>
      <div className="sw-editor">
        <div className="sw-editor-frame">
          <Toolbar
            actions={actions}
            canUndo={state.past.length > 0}
            canRedo={state.future.length > 0}
            search={search}
            onFound={show}
            onDetails={() => setOpened(true)}
          >
            <FaultList faults={faults} unchecked={checked?.error != null} onGo={goTo} />
            {!readOnly && <SaveMark state={saving} retry={() => void autosave.flush()} />}
          </Toolbar>
          <div className="sw-editor-body">
            <div className="sw-editor-canvas">
              <GraphCanvas
                ref={canvas}
                label={`Graph of ${draft.name}`}
                height="100%"
                graph={draft}
                marks={marks.nodes}
                edgeMarks={marks.edges}
                selection={selection}
                onSelect={select}
                onOpen={() => setOpened(true)}
                editing={readOnly ? undefined : canvasEditing}
              >
                {draft.nodes.length === 0 && (
                  <div className="sw-editor-empty">
                    <EmptyState
                      title="No agents yet"
                      action={!readOnly && <Button onClick={actions.add}>Add the first agent</Button>}
                    >
                      An agent is one node of the graph: a model with a prompt. Edges lead from one to the next.
                    </EmptyState>
                  </div>
                )}
              </GraphCanvas>
            </div>
            {!narrow && (
              <aside className="sw-editor-panel" aria-label="Details" ref={beside}>
                {panel}
              </aside>
            )}
          </div>
        </div>
      </div>
      {narrow && (
        <Drawer
          className="sw-editor-drawer"
          opened={opened}
          onClose={() => setOpened(false)}
          position="right"
          size={400}
          title="Details"
        >
          {panel}
        </Drawer>
      )}
      <ConflictDialog
        workflowId={workflow.id}
        opened={saving.kind === "conflict"}
        mine={draft}
        onLoad={(theirs) => {
          const loaded = draftOf(theirs);
          queryClient.setQueryData(keys.workflows.one(workflow.id), theirs);
          autosave.adopt(loaded, theirs.revision);
          dispatch({ type: "theirs", draft: loaded });
          notifyDone("Loaded the draft that was saved elsewhere.", { undo: () => dispatch({ type: "undo" }) });
        }}
        onOverwrite={(theirs) => {
          autosave.overwrite(theirs.revision);
          notifyDone("Yours is saved. Theirs is kept as a version.");
        }}
      />
      <UnsavedGuard
        unsaved={saving.kind !== "saved" || schemaText !== null}
        what="The draft"
        save={async () => (await autosave.flush()) && schemaText === null}
      />
    </EditorContext>
  );
}
