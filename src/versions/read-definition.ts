import type { z } from "zod";
import type { ErrorDetail } from "../core/errors.ts";
import {
  agentSchema,
  type Definition,
  definitionSchema,
  edgeSchema,
  nodeSchema,
  settingsSchema,
} from "../definitions/index.ts";

/** A part of a stored definition that today's schema does not take, and that reading left out. */
export interface Loss extends ErrorDetail {
  code: "not_understood";
}

export interface ReadDefinition {
  definition: Definition;
  /** Empty when the definition is whole. One that is not may be looked at and mended, and must not be executed. */
  losses: Loss[];
}

const LEFT_OUT = "this version of Swarm does not understand it, and leaves it out";

/**
 * Reads a definition that may have been stored when the schema was another one. What does not fit is left out, as
 * little as possible: a member, or the node, edge or agent when it cannot do without. Never throws: a refusal would
 * hide the whole list that the workflow stands in, and keep the person from mending it.
 * `stored` is the parsed JSON; its parts are changed.
 */
export function readDefinition(stored: unknown): ReadDefinition {
  const whole = definitionSchema.safeParse(stored);
  if (whole.success) return { definition: whole.data, losses: [] };
  const { nodes, edges, agents, settings = {}, ...unknown } = isRecord(stored) ? stored : {};
  const losses = Object.keys(unknown).map((key) => lossAt([key]));
  const definition = {
    nodes: readItems(nodeSchema, nodes, "nodes", losses),
    edges: readItems(edgeSchema, edges, "edges", losses),
    agents: readItems(agentSchema, agents, "agents", losses),
    settings: readPart(settingsSchema, settings, ["settings"], losses) ?? {},
  };
  // What is wrong with no single part, such as a list that is longer than lists may be by now, is kept and told.
  for (const { path, message } of definitionSchema.safeParse(definition).error?.issues ?? []) {
    losses.push(lossAt(path, message));
  }
  return { definition, losses };
}

function readItems<Item extends { id: string }>(
  schema: z.ZodType<Item>,
  stored: unknown,
  name: string,
  losses: Loss[],
): Item[] {
  if (stored === undefined) return [];
  if (!Array.isArray(stored)) {
    losses.push(lossAt([name]));
    return [];
  }
  const items = new Map<string, Item>();
  stored.forEach((part: unknown, index) => {
    const item = readPart(schema, part, [name, index], losses);
    if (item === undefined) return;
    // A diff or an execution that goes by id would mix up two of the same.
    if (items.has(item.id)) losses.push(lossAt([name, index]));
    else items.set(item.id, item);
  });
  return [...items.values()];
}

/** The part without the members that do not fit, or `undefined` when it does not fit without them either. */
function readPart<Part>(
  schema: z.ZodType<Part>,
  stored: unknown,
  place: readonly PropertyKey[],
  losses: Loss[],
): Part | undefined {
  const removed: Loss[] = [];
  for (;;) {
    const read = schema.safeParse(stored);
    if (read.success) {
      losses.push(...removed);
      return read.data;
    }
    const gone = read.error.issues.flatMap(misfits).filter((path) => remove(stored, path));
    // Each round takes something away, so that this comes to an end.
    if (gone.length === 0) {
      losses.push(lossAt(place));
      return undefined;
    }
    removed.push(...gone.map((path) => lossAt([...place, ...path])));
  }
}

/** Where the members stand that an issue is about. A list goes whole: without one element the others' places shift. */
function misfits(issue: z.core.$ZodIssue): PropertyKey[][] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...issue.path, key]);
  const element = issue.path.findIndex((part) => typeof part === "number");
  return [element === -1 ? issue.path : issue.path.slice(0, element)];
}

/** Removes the member at `path`. `false` when there is none, so that nothing was changed. */
function remove(part: unknown, path: readonly PropertyKey[]): boolean {
  const key = path.at(-1);
  const owner = path.slice(0, -1).reduce<unknown>((at, step) => (isRecord(at) ? at[String(step)] : undefined), part);
  if (key === undefined || !isRecord(owner) || !Object.hasOwn(owner, key)) return false;
  return Reflect.deleteProperty(owner, key);
}

function lossAt(path: readonly PropertyKey[], message = LEFT_OUT): Loss {
  const text = path.reduce<string>((before, part) => {
    if (typeof part === "number") return `${before}[${part}]`;
    return before === "" ? String(part) : `${before}.${String(part)}`;
  }, "");
  return { code: "not_understood", path: text, message };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
