import type { Agent, Definition, Edge, Fallback, WorkflowNode, WorkflowSettings } from "../definitions/index.ts";
import type { ExecutionDetail } from "../executions/index.ts";
import type { KnowledgeView } from "../knowledge/index.ts";

/**
 * What leaves in a bundle, field by field: a field that is not written down here stays inside, so that a column or a
 * setting that is added later leaves no installation by itself.
 */

/** A definition as a bundle holds it. A member that is undefined is left out of the file. */
export function definitionOut(definition: Definition) {
  return {
    nodes: definition.nodes.map(nodeOut),
    edges: definition.edges.map(edgeOut),
    agents: definition.agents.map(agentOut),
    settings: settingsOut(definition.settings),
  };
}
export type DefinitionOut = ReturnType<typeof definitionOut>;

function nodeOut({ id, type, position, data }: WorkflowNode) {
  return { id, type, position: { x: position.x, y: position.y }, data };
}

function edgeOut({ id, source, target, condition }: Edge) {
  return { id, source, target, condition };
}

function settingsOut({ timeoutSeconds, maxParallel, stepRetries, inputSchema }: WorkflowSettings) {
  return { timeoutSeconds, maxParallel, stepRetries, inputSchema };
}

function agentOut(agent: Agent) {
  const { id, nodeId, name, role, description, provider, model, systemPrompt, prompt } = agent;
  const { temperature, maxTokens, topP, stopSequences, capabilities, useKnowledge, learnKnowledge } = agent;
  return {
    ...{ id, nodeId, name, role, description, provider, model, systemPrompt, prompt },
    ...{ temperature, maxTokens, topP, stopSequences, capabilities, useKnowledge, learnKnowledge },
    fallback: agent.fallback === undefined ? undefined : fallbackOut(agent.fallback),
  };
}

function fallbackOut({ enabled, strategy, targets, on, retries, attemptTimeoutMs, deadlineMs }: Fallback) {
  const { error, rateLimit, timeout, statusCodes, latencyMs } = on;
  return {
    ...{ enabled, strategy, retries, attemptTimeoutMs, deadlineMs },
    targets: targets.map(({ provider, model, weight }) => ({ provider, model, weight })),
    on: { error, rateLimit, timeout, statusCodes, latencyMs },
  };
}

/** A version as it was read for a bundle. */
export interface VersionRecord {
  version: number;
  commitMessage: string;
  kind: string;
  tags: readonly string[];
  /** Of the tags that it shares with other versions, its part. */
  tagWeights: Record<string, number> | undefined;
  createdAt: string;
  createdByName: string | null;
  parentVersion: number | null;
  definition: Definition;
}

export function versionOut(record: VersionRecord) {
  const { version, commitMessage, kind, tags, tagWeights, createdAt, createdByName, parentVersion } = record;
  const workflowData = definitionOut(record.definition);
  return { version, commitMessage, kind, tags, tagWeights, createdAt, createdByName, parentVersion, workflowData };
}

/**
 * The longest output of a step in a bundle, in UTF-16 units: what a row holds of plain text. Longer ones were kept in
 * R2; a bundle has their beginnings, since a file with all of them could not be imported anywhere.
 */
const MAX_OUTPUT = 262_144;

export function executionOut(execution: ExecutionDetail) {
  const { status, trigger, version, createdAt, startedAt, completedAt, input, error } = execution;
  const { inputTokens, outputTokens, costNanoUsd } = execution;
  const cut = execution.outputTruncated || execution.steps.some(({ output }) => (output?.length ?? 0) > MAX_OUTPUT);
  return {
    ...{ status, trigger: trigger.type, version, createdAt, startedAt, completedAt, input },
    output: outputOut(execution.output),
    ...(cut ? { outputTruncated: true } : {}),
    error: error === null ? null : { code: error.code, message: error.message, nodeId: error.nodeId },
    ...{ inputTokens, outputTokens, costNanoUsd },
    steps: execution.steps.map(stepOut),
  };
}

function stepOut(step: ExecutionDetail["steps"][number]) {
  const { nodeId, agentId, name, status, attempts, error, provider, model, fallbackUsed, reused } = step;
  const { inputTokens, outputTokens, costNanoUsd, startedAt, completedAt } = step;
  const cut = step.outputTruncated || (step.output?.length ?? 0) > MAX_OUTPUT;
  return {
    ...{ nodeId, agentId, name, status, attempts },
    output: step.output === null ? null : cutText(step.output),
    ...(cut ? { outputTruncated: true } : {}),
    error: error === null ? null : { code: error.code, message: error.message },
    ...{ provider, model, fallbackUsed, reused, inputTokens, outputTokens, costNanoUsd, startedAt, completedAt },
  };
}

function outputOut(output: ExecutionDetail["output"]): ExecutionDetail["output"] {
  if (output === null || typeof output === "string") return output === null ? null : cutText(output);
  return Object.fromEntries(Object.entries(output).map(([nodeId, text]) => [nodeId, cutText(text)]));
}

function cutText(text: string): string {
  return text.length <= MAX_OUTPUT ? text : text.slice(0, MAX_OUTPUT).toWellFormed();
}

export function knowledgeOut({ agentRole, category, content, context, confidence, source, createdAt }: KnowledgeView) {
  return { agentRole, category, content, context, confidence, source, createdAt };
}
