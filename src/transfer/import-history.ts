import type { ImportPorts } from "./import-ports.ts";
import type { Note } from "./import-results.ts";
import { type ImportBundle, type ImportedExecution, type ImportedStep, stepSchema } from "./import-schema.ts";
import type { VersionRows } from "./import-versions.ts";
import type { Row } from "./insert-rows.ts";

const TRIGGERS = ["manual", "schedule", "webhook", "retry"];
/** What a step's own row takes, in UTF-16 units: as much as an export writes of it. */
const MAX_OUTPUT = 262_144;

/** Executions as history: they have ended, no queue knows of them, and their costs are theirs alone. */
export function historyRows(
  ports: ImportPorts,
  bundle: ImportBundle,
  target: { workflowId: string; versions: VersionRows; now: number },
): { executions: Row[]; steps: Row[]; warnings: Note[] } {
  const executions: Row[] = [];
  const steps: Row[] = [];
  const warnings: Note[] = [];
  bundle.executions.forEach((execution, place) => {
    const path = `executions[${place}]`;
    const held = execution.version === null ? undefined : target.versions.idOf.get(execution.version);
    if (execution.version !== null && bundle.versions.length > 0 && held === undefined) {
      warnings.push({
        path: `${path}.version`,
        message: `version ${execution.version} is not in the file: shown with the newest`,
      });
    }
    const version = held ?? target.versions.head;
    // What has not happened yet would stand above everything that ever does, and never grow old.
    const now = target.now;
    const createdAt = Math.min(timeOf(execution.createdAt ?? execution.startedAt ?? bundle.exportedAt, now), now);
    const id = ports.idAt(createdAt);
    const completedAt = Math.min(timeOf(execution.completedAt ?? execution.startedAt, createdAt), now);
    executions.push({
      id,
      workflow_id: target.workflowId,
      version_id: version.id,
      version_number: execution.version ?? target.versions.head.number,
      content_hash: version.contentHash,
      status: endedAs(execution.status),
      trigger_type: TRIGGERS.includes(execution.trigger) ? execution.trigger : "manual",
      input: JSON.stringify(execution.input ?? null),
      error: ownError(execution),
      created_at: createdAt,
      started_at: execution.startedAt === null ? null : timeOf(execution.startedAt, createdAt),
      completed_at: completedAt,
      deadline_at: completedAt,
      ...costOf(execution),
      input_tokens: execution.inputTokens,
      output_tokens: execution.outputTokens,
      imported: 1,
    });
    const last = lastSteps(execution);
    execution.steps.forEach((step, position) => {
      if (step.output !== null && step.output.length > MAX_OUTPUT) {
        warnings.push({ path: `${path}.steps[${position}].output`, message: `cut to ${MAX_OUTPUT} characters` });
      }
      steps.push(stepRow(id, step, position, last.has(step.nodeId)));
    });
    const lone = loneOutput(execution, last);
    if (lone) steps.push(stepRow(id, lone, execution.steps.length, true));
  });
  return { executions, steps, warnings };
}

function stepRow(executionId: string, step: ImportedStep, position: number, last: boolean): Row {
  const { attempts, inputTokens, outputTokens, costNanoUsd } = step;
  const outputTruncated = step.outputTruncated || (step.output?.length ?? 0) > MAX_OUTPUT;
  const status = step.status === "failed" || step.status === "skipped" ? step.status : endedAs(step.status);
  return {
    execution_id: executionId,
    node_id: step.nodeId,
    agent_id: step.agentId,
    name: step.name,
    position,
    status,
    waiting: 0,
    taken: 0,
    output: step.output === null ? null : step.output.slice(0, MAX_OUTPUT).toWellFormed(),
    edges_taken: last ? "[]" : null,
    error: step.error === null ? null : JSON.stringify(step.error),
    provider: step.provider,
    model: step.model,
    fallback_used: Number(step.fallbackUsed),
    reused: Number(step.reused),
    imported: JSON.stringify({ attempts, inputTokens, outputTokens, costNanoUsd, outputTruncated }),
    started_at: step.startedAt === null ? null : Date.parse(step.startedAt),
    completed_at: step.completedAt === null ? null : Date.parse(step.completedAt),
  };
}

/** The steps whose outputs are the execution's: those that the file names, or the one whose text it repeats. */
function lastSteps({ output, steps }: ImportedExecution): Set<string> {
  if (output !== null && typeof output === "object") return new Set(Object.keys(output));
  const last = steps.findLast((step) => step.status === "succeeded" && (output === null || step.output === output));
  return new Set(output === null || last === undefined ? [] : [last.nodeId]);
}

/** An output that no step of the file has, as a step of its own: earlier builds wrote down no steps. */
function loneOutput({ output, steps }: ImportedExecution, last: ReadonlySet<string>): ImportedStep | undefined {
  if (typeof output !== "string" || last.size > 0) return undefined;
  const taken = new Set(steps.map(({ nodeId }) => nodeId));
  const nodeId = ["output", ...steps.map((_, place) => `output-${place + 2}`)].find((id) => !taken.has(id));
  return stepSchema.parse({ nodeId, name: "Output", status: "succeeded", output });
}

/** Nothing goes on with what was under way where it was exported. */
function endedAs(status: string): string {
  return ["succeeded", "failed", "cancelled"].includes(status) ? status : "cancelled";
}

/** An error of a step is the step's: shown twice it would seem to be two. */
function ownError({ error }: ImportedExecution): string | null {
  if (error === null || error.nodeId !== null) return null;
  return JSON.stringify({ code: error.code, message: error.message });
}

function costOf({ costNanoUsd }: ImportedExecution): Row {
  const priced = costNanoUsd !== null;
  return { cost_nano_usd: costNanoUsd ?? 0, priced_calls: Number(priced), unpriced_calls: Number(!priced) };
}

function timeOf(iso: string | null | undefined, otherwise: number): number {
  const at = iso === null || iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isFinite(at) && at >= 0 ? at : otherwise;
}
