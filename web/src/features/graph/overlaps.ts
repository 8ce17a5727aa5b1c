import { CARD } from "./card-size.ts";
import type { GraphNode } from "./types.ts";

/** Whether the cards of two nodes lie over each other. */
export function overlaps(nodes: readonly Pick<GraphNode, "position">[]): boolean {
  const sorted = nodes.map(({ position }) => position).toSorted((one, other) => one.x - other.x);
  return sorted.some((one, place) => {
    for (let at = place + 1; at < sorted.length; at += 1) {
      const other = sorted[at];
      if (!other || other.x - one.x >= CARD.width) return false;
      if (Math.abs(other.y - one.y) < CARD.height) return true;
    }
    return false;
  });
}
