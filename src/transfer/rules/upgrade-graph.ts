import { isRecord, type Json, listOf, numberOf, pick, textOf } from "./json-parts.ts";

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const COLUMN = 280;

interface Graph {
  nodes: Json[];
  edges: Json[];
  /** The node that an agent works for. */
  nodeOf(agent: Json, place: number): string;
}

type Note = (path: string, message: string) => void;

/**
 * Nodes and edges of the earlier builds' editor: nodes of any type with a label in `data`, edges with handles and looks.
 * An agent belongs to the node that names it (`data.agentId`), has its id, or bears its name; one that no node stands
 * for gets a node where it stood itself.
 */
export function upgradeGraph(workflow: Json, agents: readonly Json[], note: Note): Graph {
  const nodes: Json[] = [];
  const byAgent = new Map<Json, string>();
  listOf(workflow.nodes)
    .filter(isRecord)
    .forEach((old, place) => {
      const id = textOf(old.id) ?? `node-${place + 1}`;
      const agent = agents.find((each) => !byAgent.has(each) && belongs(each, old, id));
      if (!agent) {
        note(`workflow.nodes[${place}]`, "no agent works for this node: it was left out");
        return;
      }
      byAgent.set(agent, id);
      nodes.push({ id, type: "agent", position: positionOf(old.position, place) });
    });
  agents.forEach((agent, place) => {
    if (byAgent.has(agent)) return;
    const own = textOf(agent.id ?? agent.uuid);
    const taken = new Set(nodes.map((node) => node.id));
    const id = own !== undefined && ID.test(own) && !taken.has(own) ? own : `node-of-agent-${place + 1}`;
    byAgent.set(agent, id);
    nodes.push({ id, type: "agent", position: positionOf(agent.position, place) });
  });
  const known = new Set(nodes.map((node) => node.id));
  const edges = listOf(workflow.edges)
    .filter(isRecord)
    .flatMap((old, place) => {
      const ends = { source: textOf(old.source), target: textOf(old.target) };
      if (
        ends.source === undefined ||
        ends.target === undefined ||
        !known.has(ends.source) ||
        !known.has(ends.target)
      ) {
        note(`workflow.edges[${place}]`, "it leads to or from a node that is not there: it was left out");
        return [];
      }
      const id = textOf(old.id);
      return [{ id: id !== undefined && ID.test(id) ? id : `edge-${place + 1}`, ...ends }];
    });
  return { nodes, edges, nodeOf: (agent, place) => byAgent.get(agent) ?? `node-of-agent-${place + 1}` };
}

interface AgentPlace {
  place: number;
  /** Whether temperatures stand for hundredths. */
  percent: boolean;
  nodeId: string;
}

/** An agent of the earlier builds: `null` for what was not set, its workflow and position beside it. */
export function upgradeAgent(old: Json, { place, percent, nodeId }: AgentPlace): Json {
  const id = textOf(old.id ?? old.uuid);
  const temperature = numberOf(old.temperature);
  const name = textOf(old.name) ?? `Agent ${place + 1}`;
  return {
    ...pick(old, ["description", "provider", "model", "systemPrompt", "prompt", "maxTokens"]),
    id: id !== undefined && ID.test(id) ? id : `agent-${place + 1}`,
    nodeId,
    name,
    role: textOf(old.role) ?? "assistant",
    ...(temperature === undefined ? {} : { temperature: percent ? temperature / 100 : temperature }),
    capabilities: listOf(old.capabilities).filter((each) => textOf(each) !== undefined),
  };
}

function belongs(agent: Json, node: Json, nodeId: string): boolean {
  const id = textOf(agent.id ?? agent.uuid);
  const data = isRecord(node.data) ? node.data : {};
  const named = textOf(data.agentId ?? data.agentUuid);
  if (agent.nodeId === nodeId) return true;
  if (named !== undefined) return named === id;
  return id === nodeId || (textOf(agent.name) !== undefined && textOf(data.label ?? data.name) === agent.name);
}

function positionOf(old: unknown, place: number): Json {
  const given = isRecord(old) ? old : {};
  return { x: numberOf(given.x) ?? place * COLUMN, y: numberOf(given.y) ?? 0 };
}
