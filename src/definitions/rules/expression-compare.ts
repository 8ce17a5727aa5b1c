import type { Work } from "./work.ts";

export type Comparator = "EQ" | "NE" | "LT" | "LTE" | "GT" | "GTE";

/** JMESPath's comparators: equality of any two values, order of numbers only (`null` for anything else). */
export function compare(comparator: Comparator, left: unknown, right: unknown, work: Work): boolean | null {
  if (comparator === "EQ") return equal(left, right, work);
  if (comparator === "NE") return !equal(left, right, work);
  if (typeof left !== "number" || typeof right !== "number") return null;
  switch (comparator) {
    case "LT":
      return left < right;
    case "LTE":
      return left <= right;
    case "GT":
      return left > right;
    case "GTE":
      return left >= right;
  }
}

/** Loops and pays: two values that each hold one part many times over would take exponential time unseen. */
function equal(left: unknown, right: unknown, work: Work): boolean {
  const open: [unknown, unknown][] = [[left, right]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [a, b] = pair;
    work.spend(1);
    if (a === b) continue;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    const members = Object.entries(a);
    const others = new Map(Object.entries(b));
    if (members.length !== others.size) return false;
    work.spend(members.length);
    for (const [name, member] of members) {
      if (!others.has(name)) return false;
      open.push([member, others.get(name)]);
    }
  }
  return true;
}
