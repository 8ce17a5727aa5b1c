import { Button, Group, Tabs } from "@mantine/core";
import type { ReactNode } from "react";
import type { Listing } from "../../api/pages.ts";
import { counted } from "../../lib/tokens.ts";
import { CodeText, EmptyState, JsonView, ModelChip, StatusBadge, Tokens } from "../../ui/index.ts";
import { Attempts } from "./attempts.tsx";
import { FallbackMark } from "./fallback-mark.tsx";
import { OutputText } from "./output-text.tsx";
import type { Attempt, ExecutionDetail, Step } from "./queries.ts";
import { StepLogs } from "./step-logs.tsx";

const TABS = ["output", "input", "logs", "attempts"] as const;
export type Tab = (typeof TABS)[number];

interface ResultPanelProps {
  execution: ExecutionDetail;
  attempts: Listing<Attempt>;
  /** The step that is looked at; undefined for the whole. */
  step: Step | undefined;
  tab: Tab;
  onTab: (tab: Tab) => void;
  onWhole: () => void;
}

/** What came out, what went in, the log and the calls: of the whole execution, or of the step that is selected. */
export function ResultPanel({ execution, attempts, step, tab, onTab, onWhole }: ResultPanelProps) {
  const nameOf = (nodeId: string) => execution.steps.find((each) => each.nodeId === nodeId)?.name ?? nodeId;
  return (
    <section aria-labelledby="result">
      <Group gap="md" mb={8} mih={32}>
        <h2 id="result" className="sw-result-title">
          {step ? step.name : "All steps"}
        </h2>
        {step && <StepFacts step={step} />}
        {step && (
          <Button size="compact-sm" variant="subtle" color="gray" onClick={onWhole}>
            Show all steps
          </Button>
        )}
      </Group>
      <Tabs value={tab} onChange={(next) => onTab(TABS.find((each) => each === next) ?? "output")} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="output">Output</Tabs.Tab>
          <Tabs.Tab value="input">Input</Tabs.Tab>
          <Tabs.Tab value="logs">Log</Tabs.Tab>
          <Tabs.Tab value="attempts">Attempts</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="output">
          {step ? (
            <StepOutput execution={execution} step={step} />
          ) : (
            <WholeOutput execution={execution} nameOf={nameOf} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="input">
          <Input value={execution.input} />
        </Tabs.Panel>
        <Tabs.Panel value="logs">
          <StepLogs executionId={execution.id} nodeId={step?.nodeId} nameOf={nameOf} />
        </Tabs.Panel>
        <Tabs.Panel value="attempts">
          <Attempts list={attempts} nodeId={step?.nodeId} nameOf={nameOf} />
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}

function StepFacts({ step }: { step: Step }) {
  const { provider, model } = step;
  return (
    <>
      <StatusBadge status={step.status} />
      {provider !== null && model !== null && <ModelChip provider={provider} model={model} />}
      {step.fallbackUsed && <FallbackMark />}
      <span className="sw-muted">
        {counted(step.attempts, "attempt")}, <Tokens count={step.inputTokens} /> tokens in,{" "}
        <Tokens count={step.outputTokens} /> out
      </span>
    </>
  );
}

function StepOutput({ execution, step }: { execution: ExecutionDetail; step: Step }) {
  if (step.error) return <Failure message={step.error.message} code={step.error.code} />;
  if (step.output === null) return <NoOutput status={step.status} />;
  return <OutputText text={step.output} whole={wholeOf(execution, step)} />;
}

function WholeOutput({ execution, nameOf }: { execution: ExecutionDetail; nameOf: (nodeId: string) => string }) {
  const { output, outputTruncated } = execution;
  if (output === null) return <NoOutput status={execution.status} />;
  if (typeof output === "string") {
    const last = execution.steps.find((step) => step.outputTruncated && step.output === output);
    return <OutputText text={output} whole={outputTruncated && last ? wholeOf(execution, last) : undefined} />;
  }
  return Object.entries(output).map(([nodeId, text]) => {
    const step = execution.steps.find((each) => each.nodeId === nodeId);
    return (
      <div key={nodeId} className="sw-result-part">
        <h3>{nameOf(nodeId)}</h3>
        <OutputText text={text} whole={step && wholeOf(execution, step)} />
      </div>
    );
  });
}

/** Where the whole text of a step is, when only its beginning is shown. */
function wholeOf(execution: ExecutionDetail, { nodeId, outputTruncated }: Step): string | undefined {
  return outputTruncated ? `/api/executions/${execution.id}/steps/${encodeURIComponent(nodeId)}/output` : undefined;
}

function NoOutput({ status }: { status: Step["status"] | ExecutionDetail["status"] }) {
  const words: Partial<Record<typeof status, ReactNode>> = {
    failed: "It failed before anything came out. The log and the attempts say why.",
    cancelled: "It was cancelled before anything came out.",
    skipped: "No edge led here: its conditions were not met, or what stands before it failed.",
    succeeded: "It came to its end without a text.",
  };
  return <EmptyState title="No output">{words[status] ?? "It appears here as soon as there is one."}</EmptyState>;
}

function Input({ value }: { value: unknown }) {
  if (value === null) return <EmptyState title="No input">It was executed without one.</EmptyState>;
  return typeof value === "string" ? <CodeText text={value} what="input" /> : <JsonView value={value} what="input" />;
}

/** Why something failed, in the engine's words, which say what to do. */
export function Failure({ message, code, children }: { message: string; code: string; children?: ReactNode }) {
  return (
    <div className="sw-error">
      <p className="sw-wrap">{message}</p>
      <div className="sw-error-foot">
        <span className="sw-mono">{code}</span>
        {children}
      </div>
    </div>
  );
}
