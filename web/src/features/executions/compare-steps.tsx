import { EmptyState, ModelChip, Money, StatusBadge } from "../../ui/index.ts";
import { Verdict } from "./compare-facts.tsx";
import { FallbackMark } from "./fallback-mark.tsx";
import { OutputText } from "./output-text.tsx";
import type { ExecutionDetail, Step } from "./queries.ts";

interface CompareStepsProps {
  before: ExecutionDetail;
  after: ExecutionDetail;
}

/** The steps of two executions, each beside the one of the same node. */
export function CompareSteps({ before, after }: CompareStepsProps) {
  const nodes = new Set([...before.steps, ...after.steps].map(({ nodeId }) => nodeId));
  return [...nodes].map((nodeId) => {
    const left = before.steps.find((step) => step.nodeId === nodeId);
    const right = after.steps.find((step) => step.nodeId === nodeId);
    return (
      <section key={nodeId} aria-labelledby={`step-${nodeId}`}>
        <h2 id={`step-${nodeId}`} className="sw-result-title sw-compare-title">
          {right?.name ?? left?.name ?? nodeId}{" "}
          <span className="sw-compare-verdict">
            <Verdict same={sameResult(left, right)} />
          </span>
        </h2>
        <div className="sw-sides">
          <Side step={left} />
          <Side step={right} />
        </div>
      </section>
    );
  });
}

/** Whether a step came to the same end with the same text. What it took is another matter. */
function sameResult(left: Step | undefined, right: Step | undefined): boolean {
  return (
    left?.status === right?.status && left?.output === right?.output && left?.error?.message === right?.error?.message
  );
}

function Side({ step }: { step: Step | undefined }) {
  if (!step) return <EmptyState title="No such step">The version that ran here has no such node.</EmptyState>;
  return (
    <div>
      <div className="sw-facts sw-compare-facts">
        <StatusBadge status={step.status} />
        {step.provider !== null && step.model !== null && <ModelChip provider={step.provider} model={step.model} />}
        {step.fallbackUsed && <FallbackMark />}
        {step.reused && <span className="sw-muted">Taken over</span>}
        {step.status !== "skipped" && <Money nanoUsd={step.costNanoUsd} />}
      </div>
      {step.error ? (
        <p className="sw-wrap">{step.error.message}</p>
      ) : step.output === null ? (
        <p className="sw-muted">No output</p>
      ) : (
        <OutputText text={step.output} />
      )}
    </div>
  );
}
