import type { Agent, Definition, Edge, WorkflowNode } from "../../definitions/index.ts";

/** One field that differs. What is absent on a side is null there. */
export interface FieldChange {
  /** `fallback.targets`, `position.x`. Lists are compared as a whole. */
  path: string;
  before: unknown;
  after: unknown;
}

export interface Change {
  id: string;
  kind: "added" | "removed" | "modified";
  fields: FieldChange[];
}

/** A node that only stands elsewhere is told apart: it is in the list, and not among the modified. */
export interface NodeChange extends Change {
  moved: boolean;
}

export interface DefinitionDiff {
  summary: {
    nodesAdded: number;
    nodesRemoved: number;
    nodesModified: number;
    nodesMoved: number;
    edgesAdded: number;
    edgesRemoved: number;
    edgesModified: number;
    agentsAdded: number;
    agentsRemoved: number;
    agentsModified: number;
    /** Nodes, edges or agents that both sides have follow each other in another order. No change in the lists tells it. */
    reordered: boolean;
  };
  changes: { nodes: NodeChange[]; edges: Change[]; agents: Change[]; settings: Change[] };
}

/** Everything that differs between two definitions, in the order of the first, then of what is new. Linear time. */
export function compareDefinitions(before: Definition, after: Definition): DefinitionDiff {
  const nodes = changesOf(before.nodes, after.nodes, byId).map(withMoved);
  const edges = changesOf(before.edges, after.edges, byId);
  const agents = changesOf(before.agents, after.agents, byIdThenNode);
  const fields = fieldsOf(before.settings, after.settings);
  const settings: Change[] = fields.length === 0 ? [] : [{ id: "settings", kind: "modified", fields }];
  const stayed = nodes.filter((node) => !node.moved);
  return {
    summary: {
      nodesAdded: count(nodes, "added"),
      nodesRemoved: count(nodes, "removed"),
      nodesModified: count(stayed, "modified"),
      nodesMoved: nodes.length - stayed.length,
      edgesAdded: count(edges, "added"),
      edgesRemoved: count(edges, "removed"),
      edgesModified: count(edges, "modified"),
      agentsAdded: count(agents, "added"),
      agentsRemoved: count(agents, "removed"),
      agentsModified: count(agents, "modified"),
      reordered:
        isReordered(before.nodes, after.nodes, byId) ||
        isReordered(before.edges, after.edges, byId) ||
        isReordered(before.agents, after.agents, byIdThenNode),
    },
    changes: { nodes, edges, agents, settings },
  };
}

type Item = WorkflowNode | Edge | Agent;
/** The item of the other side that an item of the first is, by some identity. */
type Pairing<T extends Item> = (before: readonly T[], after: readonly T[]) => Map<T, T>;

function changesOf<T extends Item>(before: readonly T[], after: readonly T[], pairing: Pairing<T>): Change[] {
  const pairs = pairing(before, after);
  const known = new Set(pairs.values());
  const changes: Change[] = [];
  for (const item of before) {
    const other = pairs.get(item);
    if (!other) {
      changes.push({ id: item.id, kind: "removed", fields: fieldsOf(item, {}) });
      continue;
    }
    const fields = fieldsOf(item, other);
    if (fields.length > 0) changes.push({ id: other.id, kind: "modified", fields });
  }
  for (const item of after) {
    if (!known.has(item)) changes.push({ id: item.id, kind: "added", fields: fieldsOf({}, item) });
  }
  return changes;
}

/** Whether the items of both sides stand in another order. One that came or went between them moves nothing. */
function isReordered<T extends Item>(before: readonly T[], after: readonly T[], pairing: Pairing<T>): boolean {
  const pairs = pairing(before, after);
  const placeOf = new Map(after.map((item, place) => [item, place]));
  let last = -1;
  for (const item of before) {
    const other = pairs.get(item);
    const place = other && placeOf.get(other);
    if (place === undefined) continue;
    if (place < last) return true;
    last = place;
  }
  return false;
}

function byId<T extends Item>(before: readonly T[], after: readonly T[]): Map<T, T> {
  const others = new Map(after.map((item) => [item.id, item]));
  const pairs = new Map<T, T>();
  for (const item of before) {
    const other = others.get(item.id);
    if (other) pairs.set(item, other);
  }
  return pairs;
}

/** Agents are the same by id; those left over, by the node that they work on. */
function byIdThenNode(before: readonly Agent[], after: readonly Agent[]): Map<Agent, Agent> {
  const pairs = byId(before, after);
  const taken = new Set(pairs.values());
  const byNode = new Map(after.filter((agent) => !taken.has(agent)).map((agent) => [agent.nodeId, agent]));
  for (const agent of before) {
    const other = pairs.has(agent) ? undefined : byNode.get(agent.nodeId);
    if (!other) continue;
    pairs.set(agent, other);
    byNode.delete(agent.nodeId);
  }
  return pairs;
}

/** The fields that differ: of the first side in its order, then those that are new. */
function fieldsOf(before: object, after: object, parent = ""): FieldChange[] {
  const fields: FieldChange[] = [];
  const look = (name: string) => {
    const [one, other] = [memberOf(before, name), memberOf(after, name)];
    if (one === other) return;
    const path = parent + name;
    if (isObject(one) && isObject(other)) fields.push(...fieldsOf(one, other, `${path}.`));
    else if (!isSame(one, other)) fields.push({ path, before: one ?? null, after: other ?? null });
  };
  for (const name of Object.keys(before)) look(name);
  for (const name of Object.keys(after)) if (!Object.hasOwn(before, name)) look(name);
  return fields;
}

/** Own members only: one that is called `constructor` must not be found where there is none. */
function memberOf(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  return isObject(one) && isObject(other) ? fieldsOf(one, other).length === 0 : one === other;
}

function withMoved(change: Change): NodeChange {
  const moved = change.kind === "modified" && change.fields.every((field) => field.path.startsWith("position"));
  return { ...change, moved };
}

function count(changes: readonly Change[], kind: Change["kind"]): number {
  return changes.filter((change) => change.kind === kind).length;
}
