import type { Agent } from "../definitions/index.ts";
import type { ChainCall, Hop } from "../providers/index.ts";
import { knowledgeLines } from "./knowledge-log.ts";
import type { StepResult } from "./run-step.ts";
import { type ClaimedStep, waitsOf } from "./store/claimed-step.ts";
import type { LogLine } from "./store/statements.ts";

/**
 * What an execution's log says of a step that was worked on: a line for each fallback, and how it ended. Never prompts,
 * outputs or a provider's own words, which may repeat the prompt: of a failed call kind and status only. The step's
 * error keeps a quote of at most 300 characters where a provider says what is wrong with the request.
 */
export function logOfResult(now: number, step: ClaimedStep, agent: Agent, result: StepResult): LogLine[] {
  const line = { at: now, line: `${step.nodeId}/${step.fence}`, nodeId: step.nodeId };
  const last = result.calls.at(-1);
  const target = last ? `${last.provider} ${last.model}` : `${agent.provider} ${agent.model}`;
  const durationMs = now - step.claimedAt;
  const before = [
    ...knowledgeLines(now, step, agent, result.knowledge),
    ...result.hops.map((hop) => hopLine(step, agent, hop)),
  ];
  switch (result.kind) {
    case "lost":
    case "out_of_time":
      return [];
    case "again": {
      const { kind } = result.error;
      // A step that waits long would fill its log with the same words.
      if (!last && !isPowerOfTwo(waitsOf(step) + 1)) return before;
      const none =
        kind === "budget" ? "a budget has room only when other calls have ended" : `no target is open (${kind})`;
      const what = last ? `${agent.name}: ${failureText(last)}.` : `${agent.name}: ${none}.`;
      const retry = result.usesRetry ? step.retries + 1 : step.retries;
      return [
        ...before,
        {
          ...line,
          level: "warn",
          message: `${what} Trying again in ${seconds(result.availableAt - now)} s.`,
          data: { errorKind: kind, retry, target },
        },
      ];
    }
    case "ended": {
      const { outcome } = result;
      if (outcome.status === "failed") {
        const { code, message } = outcome.error;
        // What no provider said is told whole: it says what to do.
        const why = last?.errorKind === code && last.httpStatus !== null ? failureText(last) : message;
        return [
          ...before,
          { ...line, level: "error", message: `${agent.name} failed: ${why}`, data: { durationMs, code, target } },
        ];
      }
      return [
        ...before,
        {
          ...line,
          level: "info",
          message: `${agent.name} succeeded after ${seconds(durationMs)} s`,
          data: {
            durationMs,
            model: outcome.model,
            inputTokens: last?.usage?.inputTokens ?? null,
            outputTokens: last?.usage?.outputTokens ?? null,
            edgesTaken: outcome.edgesTaken,
          },
        },
      ];
    }
  }
}

/** One fallback in words. */
export function hopText({ fromProvider, fromModel, toProvider, toModel, reason }: Hop): string {
  return `${fromProvider} ${fromModel} was left for ${toProvider} ${toModel}: ${reason}`;
}

function hopLine(step: ClaimedStep, { name }: Agent, hop: Hop): LogLine {
  const { attempt, fromProvider, toProvider, reason, success } = hop;
  return {
    nodeId: step.nodeId,
    at: hop.at,
    // Sorts before the line that tells the end, should that have the same time.
    line: `${step.nodeId}!${step.fence}/${String(attempt).padStart(3, "0")}`,
    level: "warn",
    message: `${name}: ${hopText(hop)}`,
    data: { attempt, fromProvider, toProvider, reason, success },
  };
}

function failureText({ provider, model, errorKind, httpStatus }: ChainCall): string {
  return `${provider} ${model} failed with ${errorKind}${httpStatus === null ? "" : ` (HTTP ${httpStatus})`}`;
}

function isPowerOfTwo(n: number): boolean {
  return (n & (n - 1)) === 0;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
