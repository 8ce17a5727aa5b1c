import { Button, Group, Radio, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../api/api-error.ts";
import { keys } from "../../api/keys.ts";
import { counted } from "../../lib/tokens.ts";
import { ErrorState, Section } from "../../ui/index.ts";
import { FileBar } from "./file-bar.tsx";
import { ImportProgress } from "./import-progress.tsx";
import { ResultSummary, ResultTable } from "./import-results.tsx";
import { Places } from "./places.tsx";
import { type Conflict, type Imported, sendFile } from "./queries.ts";
import { type Plan, usePlan } from "./use-plan.ts";

const CHOICES = [
  { value: "rename", label: "Rename it", description: "Report becomes Report (2)" },
  { value: "skip", label: "Skip it", description: "What is here stays as it is" },
  {
    value: "overwrite",
    label: "Overwrite the one here",
    description: "Both states are kept as versions; its history, schedules and webhooks stay",
  },
] as const satisfies readonly { value: Conflict; label: string; description: string }[];

interface ImportPlanProps {
  file: File;
  onAnother: () => void;
  onImported: (imported: Imported) => void;
  /** It is a large file, whose import goes on without us. */
  onQueued: (importId: string) => void;
}

/** What would become of a file, to look at before it is imported. */
export function ImportPlan({ file, onAnother, onImported, onQueued }: ImportPlanProps) {
  const queryClient = useQueryClient();
  const [conflict, setConflict] = useState<Conflict>("rename");
  const [key, setKey] = useState(() => crypto.randomUUID());
  const plan = usePlan(file, conflict);
  const run = useMutation({
    mutationFn: () => sendFile({ file, conflict, dryRun: false, key }),
    onSuccess: async (sent) => {
      if ("importId" in sent) return onQueued(sent.importId);
      onImported(sent);
      await queryClient.invalidateQueries({ queryKey: keys.workflows.all });
    },
    // The same key with another choice would be refused.
    onError: () => setKey(crypto.randomUUID()),
  });
  const choose = (value: string) => {
    const choice = CHOICES.find((each) => each.value === value);
    if (!choice) return;
    run.reset();
    setKey(crypto.randomUUID());
    setConflict(choice.value);
  };
  const ready = plan.status === "ready" ? plan : null;
  const count = ready ? ready.plan.results.length - ready.plan.summary.skipped - ready.plan.summary.failed : 0;

  return (
    <Section title="What would become of it" sentence="Nothing has been written yet.">
      <FileBar file={file} onAnother={onAnother} />
      {plan.status !== "faulty" && plan.status !== "refused" && (
        <Radio.Group label="When a name is taken already" value={conflict} onChange={choose}>
          <Group gap="lg" mt="xs" align="flex-start">
            {CHOICES.map((choice) => (
              <Radio key={choice.value} {...choice} maw={320} disabled={run.isPending} />
            ))}
          </Group>
        </Radio.Group>
      )}
      <Shown plan={plan} file={file} />
      {run.error && <ErrorState error={run.error} title="Nothing was imported. Your file and choice are kept" />}
      {ready && (
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onAnother}>
            Cancel
          </Button>
          <Button onClick={() => run.mutate()} disabled={count === 0 || ready.old} loading={run.isPending}>
            {count === 0 ? "Nothing to import" : `Import ${counted(count, "workflow")}`}
          </Button>
        </Group>
      )}
    </Section>
  );
}

function Shown({ plan, file }: { plan: Plan; file: File }) {
  switch (plan.status) {
    case "asking":
      return <ImportProgress words="Looking at the file" bytes={file.size} done={plan.done} total={plan.total} />;
    case "faulty":
      return <Faults message="The file has faults, so nothing of it can be imported." faults={plan.faults} />;
    case "refused": {
      const { error, retry } = plan;
      const faults = error instanceof ApiError && error.details.length > 0 ? error.details : null;
      if (faults) return <Faults message={error.message} faults={faults} />;
      return <ErrorState error={error} title="This file cannot be imported" retry={retry} />;
    }
    case "ready":
      return (
        <Stack gap="sm" data-busy={plan.old} aria-busy={plan.old}>
          <ResultSummary summary={plan.plan.summary} planned />
          <ResultTable label="Plan" results={plan.plan.results} planned />
        </Stack>
      );
  }
}

function Faults({ message, faults }: { message: string; faults: readonly { path: string; message: string }[] }) {
  return (
    <div className="sw-notice-box" data-meaning="failed" role="alert">
      <b>{counted(faults.length, "fault")} in this file</b>
      <span>{message}</span>
      <Places label="Faults" places={faults} />
    </div>
  );
}
