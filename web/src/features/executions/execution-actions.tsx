import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "../../api/me.ts";
import { formatMoney } from "../../lib/money.ts";
import { counted } from "../../lib/tokens.ts";
import { notifyDone, notifyFailed, useCommands } from "../../ui/index.ts";
import { CompareWith } from "./compare-with.tsx";
import { type ExecutionDetail, useCancel, useRetry } from "./queries.ts";
import { RunWorkflow } from "./run-workflow.tsx";

/** What can be done with an execution: cancel while it runs, then retry, run again and compare. */
export function ExecutionActions({ execution }: { execution: ExecutionDetail }) {
  const mayRun = useCan("executions.run");
  const navigate = useNavigate();
  const cancel = useCancel();
  const retry = useRetry();
  const [dialog, setDialog] = useState<"run" | "compare" | null>(null);
  // Stays after a failure: the request may have arrived all the same, and must not start a second execution.
  const [key] = useState(() => crypto.randomUUID());
  const { status, imported } = execution;
  const mayCancel = mayRun && (status === "queued" || status === "running");
  const mayRetry = mayRun && !imported && (status === "failed" || status === "cancelled");

  const stop = () =>
    cancel.mutate(execution.id, {
      onSuccess: () => notifyDone("Cancelled. What had succeeded is kept, and taken over by a retry."),
      onError: (error) => notifyFailed(error, "The execution was not cancelled."),
    });
  const again = () =>
    retry.mutate(
      { executionId: execution.id, key },
      {
        onSuccess: ({ executionId, reusedSteps, savedCostNanoUsd }) => {
          const saved = savedCostNanoUsd === null ? "" : `, which saved ${formatMoney(savedCostNanoUsd)}`;
          notifyDone(`Retrying. ${counted(reusedSteps, "step")} taken over${reusedSteps === 0 ? "" : saved}.`);
          void navigate({ to: "/executions/$executionId", params: { executionId } });
        },
        onError: (error) => notifyFailed(error, "The execution was not retried."),
      },
    );
  const group = "This page";
  useCommands([
    ...(mayCancel ? [{ id: "cancel", label: "Cancel execution", group, run: stop }] : []),
    ...(mayRetry ? [{ id: "retry", label: "Retry execution", group, keys: "r", run: again }] : []),
    ...(mayRun ? [{ id: "run-again", label: "Run again", group, run: () => setDialog("run") }] : []),
    { id: "compare", label: "Compare execution", group, run: () => setDialog("compare") },
  ]);

  return (
    <>
      <Button variant="default" onClick={() => setDialog("compare")}>
        Compare
      </Button>
      {mayRun && (
        <Button variant="default" onClick={() => setDialog("run")}>
          Run again
        </Button>
      )}
      {mayCancel && (
        <Button color="red" onClick={stop} loading={cancel.isPending}>
          Cancel execution
        </Button>
      )}
      {mayRetry && (
        <Button onClick={again} loading={retry.isPending}>
          Retry
        </Button>
      )}
      <RunWorkflow
        opened={dialog === "run"}
        onClose={() => setDialog(null)}
        workflowId={execution.workflowId}
        input={execution.input}
      />
      <CompareWith execution={dialog === "compare" ? execution : null} onClose={() => setDialog(null)} />
    </>
  );
}
