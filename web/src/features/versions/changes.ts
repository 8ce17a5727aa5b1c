import type { Comparison, Definition } from "./queries.ts";

type Told = Comparison["changes"];

/** A field that differs. What it holds is anything, null where there is nothing. */
export type Field = Record<"before" | "after", unknown> & { path: string };
type ItemChange = Pick<Told["edges"][number], "id" | "kind"> & { fields: readonly Field[] };
type NodeChange = ItemChange & Pick<Told["nodes"][number], "moved">;
type ToldChanges = { nodes: readonly NodeChange[] } & Record<Exclude<keyof Told, "nodes">, readonly ItemChange[]>;

/** How something differs. `moved` only stands elsewhere on the canvas. */
export type ChangeKind = "added" | "removed" | "changed" | "moved";

/** What differs in one part of a workflow: a node with its agent, an edge, the settings. */
export interface PartChange {
  /** The node's or the edge's id; "settings". */
  id: string;
  what: "agent" | "edge" | "settings";
  /** As people call it: the agent's name, "Facts → Article". */
  name: string;
  kind: ChangeKind;
  /** The fields that differ, but for ids and places. */
  fields: readonly Field[];
}

/** What of a part that came or went its name and its place say already. */
const SAID_BY_NAME = /^(id|nodeId|type|source|target)$/;
/** What has to be read most closely stands first. */
const ORDER: readonly ChangeKind[] = ["changed", "added", "removed", "moved"];
const PLACE = /^position(\.|$)/;

/**
 * What differs, by the parts that people know: a node and its agent are one. Agents first, then edges
 * and settings.
 */
export function partChanges(
  { changes }: { changes: ToldChanges },
  before: Definition,
  after: Definition,
): PartChange[] {
  return [
    ...nodeChanges(changes, before, after),
    ...changes.edges.map((change): PartChange => {
      const edge = edgeOf(after, change.id) ?? edgeOf(before, change.id);
      return {
        id: change.id,
        what: "edge",
        name: edge ? `${nameOf(edge.source, after, before)} → ${nameOf(edge.target, after, before)}` : change.id,
        kind: change.kind === "modified" ? "changed" : change.kind,
        fields: told(change),
      };
    }),
    ...changes.settings.map(
      ({ id, fields }): PartChange => ({ id, what: "settings", name: "Settings", kind: "changed", fields }),
    ),
  ];
}

function nodeChanges(changes: ToldChanges, before: Definition, after: Definition): PartChange[] {
  const nodeOfAgent = (id: string) =>
    (after.agents.find((agent) => agent.id === id) ?? before.agents.find((agent) => agent.id === id))?.nodeId;
  const agents = Map.groupBy(changes.agents, ({ id }) => nodeOfAgent(id) ?? id);
  const nodes = new Map(changes.nodes.map((change) => [change.id, change]));
  const ids = new Set([...nodes.keys(), ...agents.keys()]);
  const parts = [...ids].map((id): PartChange => {
    const node = nodes.get(id);
    const own = agents.get(id) ?? [];
    const fields = [...(node ? [node] : []), ...own].flatMap(told);
    return { id, what: "agent", name: nameOf(id, after, before), kind: kindOf(node, own.length > 0), fields };
  });
  return parts.toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
}

function kindOf(node: NodeChange | undefined, agentDiffers: boolean): ChangeKind {
  if (node && node.kind !== "modified") return node.kind;
  return node?.moved && !agentDiffers ? "moved" : "changed";
}

function told({ kind, fields }: ItemChange): Field[] {
  return fields.filter(({ path }) => !PLACE.test(path) && (kind === "modified" || !SAID_BY_NAME.test(path)));
}

function edgeOf({ edges }: Definition, id: string) {
  return edges.find((edge) => edge.id === id);
}

/** What a node is called by its agent, on the first side that knows it. */
export function nameOf(nodeId: string, ...sides: readonly Definition[]): string {
  for (const { agents } of sides) {
    const name = agents.find((agent) => agent.nodeId === nodeId)?.name;
    if (name !== undefined) return name;
  }
  return nodeId;
}

/** One graph that shows both sides: the second one's, and what the first one had besides. */
export function unionOf(before: Definition, after: Definition): Pick<Definition, "nodes" | "edges" | "agents"> {
  const besides = <Item>(first: readonly Item[], second: readonly Item[], idOf: (item: Item) => string): Item[] => {
    const known = new Set(second.map(idOf));
    return [...second, ...first.filter((item) => !known.has(idOf(item)))];
  };
  return {
    nodes: besides(before.nodes, after.nodes, ({ id }) => id),
    edges: besides(before.edges, after.edges, ({ id }) => id),
    agents: besides(before.agents, after.agents, ({ nodeId }) => nodeId),
  };
}
