import type { Agent } from "../definitions/index.ts";
import type { StepResult } from "./run-step.ts";
import type { ClaimedStep } from "./store/claimed-step.ts";
import type { LogLine } from "./store/statements.ts";

/** What an execution's log says of a step that was worked on. Never prompts, outputs or a provider's own words. */
export function logOfResult(now: number, step: ClaimedStep, agent: Agent, result: StepResult): LogLine[] {
  const line = { at: now, line: `${step.nodeId}/${step.fence}`, nodeId: step.nodeId };
  const target = `${agent.provider} ${agent.model}`;
  const [call] = result.calls;
  const durationMs = now - step.claimedAt;
  switch (result.kind) {
    case "lost":
    case "out_of_time":
      return [];
    case "again":
      return [
        {
          ...line,
          level: "warn",
          message: `${agent.name}: ${result.error.message} Trying again in ${seconds(result.availableAt - now)} s.`,
          data: { errorKind: result.error.kind, retry: step.retries + 1, target },
        },
      ];
    case "ended":
      return result.outcome.status === "succeeded"
        ? [
            {
              ...line,
              level: "info",
              message: `${agent.name} succeeded after ${seconds(durationMs)} s`,
              data: {
                durationMs,
                model: result.outcome.model,
                inputTokens: call?.usage?.inputTokens ?? null,
                outputTokens: call?.usage?.outputTokens ?? null,
                edgesTaken: result.outcome.edgesTaken,
              },
            },
          ]
        : [
            {
              ...line,
              level: "error",
              message: `${agent.name} failed: ${result.outcome.error.message}`,
              data: { durationMs, code: result.outcome.error.code, target },
            },
          ];
  }
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
