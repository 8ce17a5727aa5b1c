import { useEditor } from "../editor-context.ts";
import type { Settings } from "../state/draft.ts";
import { faultText } from "../state/faults.ts";
import { OptionalNumber, OptionalText, RequiredText } from "./fields.tsx";
import { SchemaArea } from "./schema-area.tsx";

interface WorkflowPanelProps {
  /** The text of the input schema as far as it is no JSON yet; null when it is as in the draft. */
  schemaText: string | null;
  onSchemaText: (text: string | null) => void;
}

/** The workflow as a whole: its name and its settings. */
export function WorkflowPanel({ schemaText, onSchemaText }: WorkflowPanelProps) {
  const { draft, faults, change } = useEditor();
  const { settings } = draft;
  const set = (fields: Partial<Settings>) =>
    change({ ...draft, settings: { ...settings, ...fields } }, { streak: `settings ${Object.keys(fields)}` });
  return (
    <div className="sw-panel-part">
      <RequiredText
        label="Name"
        maxLength={200}
        value={draft.name}
        onChange={(name) => change({ ...draft, name }, { streak: "name" })}
      />
      <OptionalText
        label="Description (optional)"
        maxLength={4_000}
        minRows={2}
        value={draft.description ?? undefined}
        onChange={(description) => change({ ...draft, description: description ?? null }, { streak: "description" })}
      />
      <OptionalNumber
        label="Timeout"
        description="An execution that takes longer fails."
        suffix=" s"
        min={1}
        max={86_400}
        whole
        placeholder="As the installation sets it"
        error={faultText(faults, "settings.timeoutSeconds")}
        value={settings.timeoutSeconds}
        onChange={(timeoutSeconds) => set({ timeoutSeconds })}
      />
      <div className="sw-panel-pair">
        <OptionalNumber
          label="Steps at once"
          min={1}
          max={500}
          whole
          placeholder="Any number"
          error={faultText(faults, "settings.maxParallel")}
          value={settings.maxParallel}
          onChange={(maxParallel) => set({ maxParallel })}
        />
        <OptionalNumber
          label="Retries of a step"
          min={0}
          max={10}
          whole
          placeholder="2"
          error={faultText(faults, "settings.stepRetries")}
          value={settings.stepRetries}
          onChange={(stepRetries) => set({ stepRetries })}
        />
      </div>
      <SchemaArea
        value={settings.inputSchema}
        text={schemaText}
        error={faultText(faults, "settings.inputSchema")}
        onText={onSchemaText}
        onChange={(inputSchema) => set({ inputSchema })}
      />
    </div>
  );
}
