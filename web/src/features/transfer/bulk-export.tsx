import { Button, Group, Modal, Stack } from "@mantine/core";
import { useState } from "react";
import { counted } from "../../lib/tokens.ts";
import { ErrorState, notifyDone } from "../../ui/index.ts";
import { NOTHING_INCLUDED, OptionFields } from "./option-fields.tsx";
import { type ExportOptions, useBulkExport } from "./queries.ts";
import { WorkflowChoice } from "./workflow-choice.tsx";

/** Begins the export of all workflows, or of some, into one archive. */
export function BulkExport({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Export workflows" size="lg">
      {opened && <Fields onClose={onClose} />}
    </Modal>
  );
}

function Fields({ onClose }: { onClose: () => void }) {
  // Null is all of them.
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const [options, setOptions] = useState<ExportOptions>(NOTHING_INCLUDED);
  const run = useBulkExport();
  const submit = () =>
    run.mutate(
      { ...(chosen === null ? { all: true } : { workflowIds: [...chosen] }), ...options },
      {
        onSuccess: () => {
          onClose();
          notifyDone("The export has begun. Its file is listed here once it is ready.");
        },
      },
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <WorkflowChoice chosen={chosen} onChange={setChosen} />
        <OptionFields options={options} onChange={setOptions} refused="the export" />
        {run.error && <ErrorState error={run.error} title="No export was begun" />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={chosen?.length === 0} loading={run.isPending}>
            {chosen === null ? "Export all workflows" : `Export ${counted(chosen.length, "workflow")}`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
