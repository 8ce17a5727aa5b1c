import { CARD } from "./card-size.ts";
import type { GraphNode, Position } from "./types.ts";

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

const BETWEEN_ROWS = 40;

/** This place, or the nearest one under it where a card lies over no other. */
export function clearPosition(nodes: readonly Pick<GraphNode, "position">[], wished: Position): Position {
  let { y } = wished;
  const near = nodes
    .filter(({ position }) => Math.abs(position.x - wished.x) < CARD.width)
    .toSorted((one, other) => one.position.y - other.position.y);
  for (const { position } of near) {
    if (Math.abs(position.y - y) < CARD.height) y = position.y + CARD.height + BETWEEN_ROWS;
  }
  return { x: wished.x, y };
}
