import { Autocomplete, Button, Group, Modal, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../../api/api-error.ts";
import { EmptyState, ErrorState, LinesSkeleton, Loaded } from "../../ui/index.ts";
import { taggedQuery } from "../versions/index.ts";
import { InputForm } from "./input-form.tsx";
import { useRun } from "./queries.ts";
import { useWorkflowNames, workflowQuery } from "./workflow-names.ts";

interface RunWorkflowProps {
  opened: boolean;
  onClose: () => void;
  /** Which workflow; it can be chosen when there is none. */
  workflowId?: string | undefined;
  /** What the form holds in the beginning, such as the input of an earlier execution. */
  input?: unknown;
  /** Which version the form names in the beginning; without one the draft is run. */
  version?: number | undefined;
}

/** Runs a workflow with an input: a form when its input has a schema, else a text or JSON. Opens the execution. */
export function RunWorkflow({ opened, onClose, ...given }: RunWorkflowProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Run workflow" size="lg">
      {opened && <Choice {...given} onClose={onClose} />}
    </Modal>
  );
}

function Choice({ workflowId, input, version, onClose }: Omit<RunWorkflowProps, "opened">) {
  if (workflowId !== undefined) {
    return <Run workflowId={workflowId} input={input} version={version} onClose={onClose} />;
  }
  return <AnyWorkflow input={input} version={version} onClose={onClose} />;
}

function AnyWorkflow({ onClose, ...given }: Omit<RunProps, "workflowId">) {
  const names = useWorkflowNames();
  const [chosen, setChosen] = useState<string | null>(null);
  if (names === undefined) return <LinesSkeleton />;
  if (names.length === 0) {
    return <EmptyState title="No workflows yet">Create a workflow first; then it can be run from here.</EmptyState>;
  }
  return (
    <Stack gap="md">
      <Select
        data-autofocus
        label="Workflow"
        placeholder="Choose one"
        searchable
        data={names.map(({ id, name }) => ({ value: id, label: name }))}
        value={chosen}
        onChange={setChosen}
      />
      {chosen !== null && <Run key={chosen} workflowId={chosen} onClose={onClose} {...given} />}
    </Stack>
  );
}

interface RunProps extends Omit<RunWorkflowProps, "opened"> {
  workflowId: string;
}

function Run({ workflowId, input, version: named, onClose }: RunProps) {
  const workflow = useQuery(workflowQuery(workflowId));
  const tagged = useQuery(taggedQuery(workflowId));
  const navigate = useNavigate();
  const run = useRun();
  const [version, setVersion] = useState(named === undefined ? "" : String(named));
  /** Stays after a failure: the request may have arrived all the same, and must not start a second execution. */
  const [key, setKey] = useState(() => crypto.randomUUID());
  const start = (given: unknown) => {
    const reference = version.trim();
    run.mutate(
      {
        workflowId,
        key,
        ...(given === undefined ? {} : { input: given }),
        ...(reference === "" ? {} : { version: /^\d+$/.test(reference) ? Number(reference) : reference }),
      },
      {
        onSuccess: ({ executionId }) => {
          onClose();
          void navigate({ to: "/executions/$executionId", params: { executionId } });
        },
      },
    );
  };
  return (
    <Loaded query={workflow} title="The workflow could not be loaded">
      {({ settings }) => (
        <InputForm
          first
          schema={settings.inputSchema}
          initial={input}
          onSubmit={start}
          onChange={() => setKey(crypto.randomUUID())}
        >
          <Autocomplete
            label="Version (optional)"
            description="A tag or a number. Left empty, the draft is run."
            data={[...new Set(tagged.data?.flatMap(({ tags }) => tags))].toSorted()}
            value={version}
            onChange={(next) => {
              setVersion(next);
              setKey(crypto.randomUUID());
            }}
          />
          {run.error && <ErrorState error={run.error} title={failureTitle(run.error)} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={run.isPending}>
              Run
            </Button>
          </Group>
        </InputForm>
      )}
    </Loaded>
  );
}

function failureTitle(error: Error): string {
  return error instanceof ApiError && error.status === 0
    ? "No answer came. Run it again: one that was started is not started twice"
    : "The workflow was not run. Your input is kept";
}
