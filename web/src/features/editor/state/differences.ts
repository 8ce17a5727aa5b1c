import { counted } from "../../../lib/tokens.ts";
import type { Draft } from "./draft.ts";

/** In what two drafts of a workflow differ, in words: "the name", "2 agents", "where nodes stand". */
export function differences(one: Draft, other: Draft): string[] {
  const words: string[] = [];
  if (one.name !== other.name) words.push("the name");
  if (one.description !== other.description) words.push("the description");
  const [agents, edges] = [differing(one.agents, other.agents), differing(one.edges, other.edges)];
  if (agents > 0) words.push(counted(agents, "agent"));
  if (edges > 0) words.push(counted(edges, "edge"));
  if (differing(one.nodes, other.nodes) > 0) words.push("where nodes stand");
  if (!same(one.settings, other.settings)) words.push("the settings");
  return words;
}

/** How many things of two lists are not the same in both, by their ids. */
function differing(ones: readonly { id: string }[], others: readonly { id: string }[]): number {
  const known = new Map(others.map((each) => [each.id, each]));
  const changed = ones.filter((each) => !same(each, known.get(each.id))).length;
  const here = new Set(ones.map(({ id }) => id));
  return changed + others.filter(({ id }) => !here.has(id)).length;
}

/** Whether two JSON values are equal. Members that are undefined are not sent, and count as absent. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one, sorted) === JSON.stringify(other, sorted);
}

function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
