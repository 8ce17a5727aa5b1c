import type { Edge } from "../inputs.ts";
import type { Graph } from "./graph.ts";

/**
 * One cycle out of every group of nodes that wait for each other: the edges along a shortest way from the group's first
 * node back to it. Edges from a node to itself are not looked at. Linear time, no recursion.
 */
export function findCycles(graph: Pick<Graph, "outgoing">): Edge[][] {
  return knots(graph).flatMap((knot) => {
    const [start] = knot;
    return start === undefined ? [] : [shortestWayBack(start, new Set(knot), graph)];
  });
}

/** Strongly connected components of two nodes and more (Tarjan 1972), nodes in the order of the definition. */
function knots({ outgoing }: Pick<Graph, "outgoing">): string[][] {
  const found = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const stacked = new Set<string>();
  const knotOf = new Map<string, number>();
  let knotCount = 0;
  for (const root of outgoing.keys()) {
    if (found.has(root)) continue;
    // Each frame is a node and how many of its edges were followed: a long chain must not deepen the call stack.
    const frames = [{ id: root, next: 0 }];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const { id } = frame;
      if (frame.next === 0 && !found.has(id)) {
        lowest.set(id, found.size);
        found.set(id, found.size);
        stack.push(id);
        stacked.add(id);
      }
      const target = outgoing.get(id)?.[frame.next]?.target;
      if (target !== undefined) {
        frame.next += 1;
        if (!found.has(target)) frames.push({ id: target, next: 0 });
        else if (stacked.has(target)) lower(lowest, id, found.get(target));
        continue;
      }
      frames.pop();
      const parent = frames.at(-1);
      if (parent !== undefined) lower(lowest, parent.id, lowest.get(id));
      if (lowest.get(id) !== found.get(id)) continue;
      for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
        stacked.delete(member);
        knotOf.set(member, knotCount);
        if (member === id) break;
      }
      knotCount += 1;
    }
  }
  const groups = Map.groupBy(outgoing.keys(), (id) => knotOf.get(id));
  return [...groups.values()].filter((group) => group.length > 1);
}

function lower(lowest: Map<string, number>, id: string, value: number | undefined): void {
  const known = lowest.get(id);
  if (value !== undefined && (known === undefined || value < known)) lowest.set(id, value);
}

function shortestWayBack(start: string, knot: ReadonlySet<string>, { outgoing }: Pick<Graph, "outgoing">): Edge[] {
  const reachedBy = new Map<string, Edge>();
  const open = [start];
  for (const id of open) {
    if (reachedBy.has(start)) break;
    for (const edge of outgoing.get(id) ?? []) {
      if (edge.target === id || !knot.has(edge.target) || reachedBy.has(edge.target)) continue;
      reachedBy.set(edge.target, edge);
      open.push(edge.target);
    }
  }
  const way: Edge[] = [];
  for (let edge = reachedBy.get(start); edge !== undefined; edge = reachedBy.get(edge.source)) {
    way.unshift(edge);
    if (edge.source === start) break;
  }
  return way;
}
