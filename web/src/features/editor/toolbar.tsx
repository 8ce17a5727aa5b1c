import { ActionIcon, Button } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconLayoutSidebarRight,
  IconPlus,
  IconSitemap,
  type TablerIcon,
} from "@tabler/icons-react";
import type { ReactNode, Ref } from "react";
import { modKey } from "../../ui/index.ts";
import { useEditor } from "./editor-context.ts";
import { NodeSearch } from "./node-search.tsx";
import type { EditorActions } from "./use-editor-keys.ts";

interface ToolbarProps {
  actions: Pick<EditorActions, "add" | "undo" | "redo" | "layOut">;
  canUndo: boolean;
  canRedo: boolean;
  search: Ref<HTMLInputElement>;
  onFound: (nodeId: string) => void;
  /** Opens the panel where there is no room beside the canvas. */
  onDetails: () => void;
  /** At the right: what is known of the draft. */
  children: ReactNode;
}

/** What can be done to the graph as a whole, over the canvas. */
export function Toolbar({ actions, canUndo, canRedo, search, onFound, onDetails, children }: ToolbarProps) {
  const { draft, readOnly } = useEditor();
  return (
    <div className="sw-editor-bar">
      {!readOnly && (
        <>
          <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={actions.add}>
            Add agent
          </Button>
          <Tool icon={IconArrowBackUp} label={`Undo (${modKey} Z)`} onClick={actions.undo} disabled={!canUndo} />
          <Tool
            icon={IconArrowForwardUp}
            label={`Redo (Shift ${modKey} Z)`}
            onClick={actions.redo}
            disabled={!canRedo}
          />
          <Tool
            icon={IconSitemap}
            label="Lay out the graph (l)"
            onClick={actions.layOut}
            disabled={draft.nodes.length < 2}
          />
        </>
      )}
      <NodeSearch ref={search} onFound={onFound} />
      <div className="sw-editor-known">
        {children}
        <Button
          className="sw-editor-details"
          size="xs"
          variant="default"
          leftSection={<IconLayoutSidebarRight size={14} aria-hidden />}
          onClick={onDetails}
        >
          Details
        </Button>
      </div>
    </div>
  );
}

interface ToolProps {
  icon: TablerIcon;
  label: string;
  onClick: () => void;
  disabled: boolean;
}

function Tool({ icon: Icon, label, onClick, disabled }: ToolProps) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={30}
      aria-label={label.replace(/ \(.*\)$/, "")}
      title={label}
      onClick={onClick}
      disabled={disabled}
    >
      <Icon size={18} stroke={1.75} aria-hidden />
    </ActionIcon>
  );
}
