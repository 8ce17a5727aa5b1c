import { useEffect, useMemo, useRef } from "react";
import type { CardNode, ConditionEdge } from "./flow-elements.ts";
import type { Agent } from "./types.ts";

/**
 * The elements, each as the object that it was before as far as it is the same: React Flow draws again whatever is
 * another object, and a graph of hundreds is edited letter by letter.
 */
export function useReused<Element extends { id: string }>(
  elements: readonly Element[],
  same: (one: Element, other: Element) => boolean,
): Element[] {
  const before = useRef<ReadonlyMap<string, Element>>(new Map());
  const reused = useMemo(
    () =>
      elements.map((element) => {
        const known = before.current.get(element.id);
        return known && same(known, element) ? known : element;
      }),
    [elements, same],
  );
  useEffect(() => {
    before.current = new Map(reused.map((element) => [element.id, element]));
  }, [reused]);
  return reused;
}

/** Whether two nodes are drawn alike. What an agent is, its label does not tell in full: drafts are never changed in place. */
export function sameNode(one: CardNode, other: CardNode): boolean {
  return (
    one.position === other.position &&
    one.selected === other.selected &&
    sameAgent(one.data.agent, other.data.agent) &&
    JSON.stringify(one.data.mark) === JSON.stringify(other.data.mark)
  );
}

/** A fallback's model is put into an agent each time anew: its fields are still the same objects. */
function sameAgent(one: Agent | undefined, other: Agent | undefined): boolean {
  if (one === other || !one || !other) return one === other;
  const fields = Object.entries(one);
  return (
    fields.length === Object.keys(other).length && fields.every(([name, value]) => Reflect.get(other, name) === value)
  );
}

/** Whether two edges are drawn alike. Their label names their ends, condition and fault. */
export function sameEdge(one: ConditionEdge, other: ConditionEdge): boolean {
  return (
    one.source === other.source &&
    one.target === other.target &&
    one.selected === other.selected &&
    one.ariaLabel === other.ariaLabel &&
    JSON.stringify(one.data?.mark) === JSON.stringify(other.data?.mark)
  );
}
