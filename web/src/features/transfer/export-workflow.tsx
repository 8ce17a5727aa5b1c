import { Button, Group, Modal, SegmentedControl, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../api/api-error.ts";
import { counted } from "../../lib/tokens.ts";
import { ErrorState, LinesSkeleton, notifyDone, StateBadge } from "../../ui/index.ts";
import { NOTHING_INCLUDED, OptionFields } from "./option-fields.tsx";
import { Places } from "./places.tsx";
import { type ExportedFile, type ExportOptions, exportFile, type Format } from "./queries.ts";
import { saveFile } from "./save-file.ts";

interface ExportWorkflowProps {
  /** Null while the dialog is closed. */
  workflow: { id: string; name: string } | null;
  onClose: () => void;
}

/** Exports one workflow's draft as a file, with what is asked for beside it. */
export function ExportWorkflow({ workflow, onClose }: ExportWorkflowProps) {
  return (
    <Modal opened={workflow !== null} onClose={onClose} title={`Export ${workflow?.name ?? "workflow"}`} size="lg">
      {workflow && <Choice workflow={workflow} onClose={onClose} />}
    </Modal>
  );
}

function Choice({ workflow, onClose }: { workflow: { id: string; name: string }; onClose: () => void }) {
  const [options, setOptions] = useState<ExportOptions>(NOTHING_INCLUDED);
  const [format, setFormat] = useState<Format>("json");
  const save = (file: ExportedFile) => {
    saveFile(file);
    notifyDone(`Exported ${workflow.name} as ${file.name}.`);
    onClose();
  };
  const run = useMutation({
    mutationFn: () => exportFile(workflow.id, options, format),
    // What looks like a secret is shown before the file is out of the house.
    onSuccess: (file) => {
      if (file.findings === 0) save(file);
    },
  });
  const change = (changed: ExportOptions) => {
    run.reset();
    setOptions(changed);
  };
  const refused = run.error instanceof ApiError && run.error.code === "secrets_found" ? run.error : null;

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        run.mutate();
      }}
    >
      <Stack gap="md">
        <Group gap="md">
          <SegmentedControl
            aria-label="Format"
            data={[
              { value: "json", label: "JSON" },
              { value: "zip", label: "ZIP" },
            ]}
            value={format}
            onChange={(value) => {
              run.reset();
              setFormat(value === "zip" ? "zip" : "json");
            }}
          />
          <Text className="sw-muted" size="sm">
            {format === "json" ? "One file, readable as it is" : "Packed, with the history in files of its own"}
          </Text>
        </Group>
        <OptionFields options={options} onChange={change} refused="the file" />
        {refused && <Refused error={refused} />}
        {run.error && !refused && <ErrorState error={run.error} title="Nothing was exported" />}
        {run.data && run.data.findings > 0 && (
          <Findings workflowId={workflow.id} options={options} format={format} count={run.data.findings} />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          {run.data && run.data.findings > 0 ? (
            <Button onClick={() => run.data && save(run.data)}>Save the file anyway</Button>
          ) : (
            <Button type="submit" loading={run.isPending}>
              Export workflow
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** Where in a file that is ready something looks like a secret: strict tells the places, and writes nothing. */
function Findings({
  workflowId,
  options,
  format,
  count,
}: {
  workflowId: string;
  options: ExportOptions;
  format: Format;
  count: number;
}) {
  const look = useMutation({ mutationFn: () => exportFile(workflowId, { ...options, strict: true }, format) });
  const found = look.error instanceof ApiError && look.error.code === "secrets_found" ? look.error.details : null;
  return (
    <div className="sw-notice-box" data-meaning="waiting" role="alert">
      <StateBadge meaning="waiting">
        <b>{counted(count, "place looks", "places look")} like a secret</b>
      </StateBadge>
      <Text size="sm">
        The file was not saved yet. Take them out of the workflow, or leave them out with Anonymize; save it only for
        somebody who may know them.
      </Text>
      {look.isPending && <LinesSkeleton lines={2} />}
      {found && <Places label="Places that look like a secret" places={found} />}
      {look.error && !found && <ErrorState error={look.error} title="The places could not be told" />}
      {look.isIdle && (
        <Button size="xs" variant="default" onClick={() => look.mutate()}>
          Show where
        </Button>
      )}
    </div>
  );
}

function Refused({ error }: { error: ApiError }) {
  return (
    <div className="sw-notice-box" data-meaning="failed" role="alert">
      <StateBadge meaning="failed">
        <b>The scan found what looks like a secret</b>
      </StateBadge>
      <Text size="sm">{error.message}</Text>
      <Places label="Places that look like a secret" places={error.details} />
    </div>
  );
}
