import type { ErrorDetail } from "../../core/errors.ts";
import { BUNDLE_VERSION, compareVersions } from "./bundle-version.ts";
import { isRecord, type Json, listOf, numberOf, pick, textOf } from "./json-parts.ts";
import { upgradeAgent, upgradeGraph } from "./upgrade-graph.ts";

/** A bundle in today's format, not validated yet, and what was changed to make it so. */
export interface Upgraded {
  bundle: unknown;
  warnings: ErrorDetail[];
}

export type UpgradeOutcome = ({ ok: true } & Upgraded) | { ok: false; needs: string };

/**
 * Brings a parsed file to today's format. A file of a newer format is not guessed at: `needs` is the format that its
 * reader must know. Files of the builds before this one are told by their shape, since they also say 1.0: agents without
 * a `nodeId`, temperatures from 0 to 100, nodes as the editor of that time kept them.
 */
export function upgradeBundle(parsed: unknown): UpgradeOutcome {
  if (!isRecord(parsed)) return { ok: true, bundle: parsed, warnings: [] };
  const { version = null } = parsed;
  // The first builds wrote none.
  const named = typeof version === "number" ? String(version) : (version ?? EARLIEST);
  const order = typeof named === "string" ? compareVersions(named, BUNDLE_VERSION) : null;
  // What is no version at all is the validation's to refuse, with its path.
  if (order === null) return { ok: true, bundle: parsed, warnings: [] };
  if (order > 0) return { ok: false, needs: String(named) };
  if (isEarlierBuild(parsed)) return { ok: true, ...fromEarlierBuild(parsed) };
  return { ok: true, bundle: { ...parsed, version: BUNDLE_VERSION }, warnings: [] };
}

const EARLIEST = "0.9";

/**
 * Agents of that build belonged to a workflow and stood at a position of their own; ours belong to a node. A file that
 * has what only ours have is ours, whatever it lacks: taken for another, its conditions and settings would be dropped
 * instead of its fault being told.
 */
function isEarlierBuild({ workflow, agents, versions }: Json): boolean {
  if (!isRecord(workflow)) return false;
  const old = listOf(agents).filter(isRecord);
  if (old.some((agent) => "position" in agent || "workflowId" in agent || "uuid" in agent)) return true;
  if ("uuid" in workflow || "userId" in workflow) return true;
  if (isRecord(workflow.settings) || versions !== undefined || old.some((agent) => "nodeId" in agent)) return false;
  return old.length > 0 || listOf(workflow.nodes).some((node) => isRecord(node) && node.type !== "agent");
}

function fromEarlierBuild(old: Json): Upgraded {
  const warnings: ErrorDetail[] = [];
  const note = (path: string, message: string) => warnings.push({ path, message });
  const workflow = isRecord(old.workflow) ? old.workflow : {};
  const oldAgents = listOf(old.agents).filter(isRecord);
  const { nodes, edges, nodeOf } = upgradeGraph(workflow, oldAgents, note);
  // An agent's own scale shows only beside others: 1 may mean 1 of 2 or 1 of 100.
  const percent = oldAgents.some((agent) => (numberOf(agent.temperature) ?? 0) > 2 || "position" in agent);
  const agents = oldAgents.map((agent, place) => upgradeAgent(agent, { place, percent, nodeId: nodeOf(agent, place) }));
  if (percent) note("agents", "temperatures from 0 to 100 were divided by 100");
  note("", "this file comes from an earlier build: look the workflow over before you execute it");
  return {
    bundle: {
      version: BUNDLE_VERSION,
      ...pick(old, ["exportedAt"]),
      workflow: {
        ...(textOf(workflow.id ?? workflow.uuid) === undefined ? {} : { id: workflow.id ?? workflow.uuid }),
        name: workflow.name,
        description: textOf(workflow.description) ?? null,
        nodes,
        edges,
        settings: {},
      },
      agents,
      schedules: listOf(old.schedules).filter(isRecord).map(upgradeSchedule),
      webhooks: listOf(old.webhooks).filter(isRecord).map(upgradeWebhook),
      knowledgeBase: listOf(old.knowledgeBase).filter(isRecord).map(upgradeKnowledge),
      executions: listOf(old.executions).filter(isRecord).map(upgradeExecution),
    },
    warnings,
  };
}

function upgradeSchedule(old: Json): Json {
  return { ...pick(old, ["cronExpression", "timezone", "enabled"]), version: null };
}

/** Secrets and addresses of that installation stay behind. */
function upgradeWebhook(old: Json): Json {
  const addresses = listOf(old.ipWhitelist).filter((each) => typeof each === "string");
  const mapping = isRecord(old.payloadTransformer) && Object.keys(old.payloadTransformer).length > 0;
  return {
    ...pick(old, ["enabled"]),
    ipWhitelist: addresses,
    payloadTransformer: mapping ? old.payloadTransformer : null,
  };
}

function upgradeKnowledge(old: Json): Json {
  const category = textOf(old.category) ?? "general";
  const agentRole = textOf(old.agentRole ?? old.agentType ?? old.role) ?? "assistant";
  return {
    ...pick(old, ["content", "createdAt"]),
    agentRole,
    category,
    context: textOf(old.context) ?? null,
    confidence: numberOf(old.confidence) ?? 100,
  };
}

const STATUSES: Record<string, string> = {
  completed: "succeeded",
  success: "succeeded",
  error: "failed",
  pending: "queued",
};

function upgradeExecution(old: Json): Json {
  const status = textOf(old.status) ?? "failed";
  const message = textOf(old.error);
  const output =
    typeof old.output === "string" || old.output === null || old.output === undefined
      ? (old.output ?? null)
      : JSON.stringify(old.output);
  return {
    ...pick(old, ["startedAt", "completedAt", "createdAt", "input"]),
    status: STATUSES[status] ?? status,
    output,
    error: message === undefined ? null : { code: "imported", message: message.slice(0, 10_000), nodeId: null },
  };
}
