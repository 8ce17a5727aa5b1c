import {
  type Agent,
  type Graph,
  MAX_RENDERED_BYTES,
  parseTemplate,
  renderTemplate,
  TemplateTooLarge,
} from "../definitions/index.ts";

/** Said to an agent that has no prompt of its own and was given no input: providers refuse an empty message. */
const OPENING = "Begin.";

/** Characters of an input that is written with indentation. A deep one of a megabyte would grow to sixty. */
const INDENTED_UP_TO = 32_000;

/** What earlier steps have produced, as far as it is needed. */
export interface StepInputs {
  input: unknown;
  /** Output by node, of steps that succeeded. */
  outputs: ReadonlyMap<string, string>;
}

/** The nodes whose outputs an agent's prompt is made of. */
export function outputsNeeded(graph: Graph, agent: Agent): string[] {
  const template = ownPrompt(agent);
  if (template === undefined) {
    return [...new Set((graph.incoming.get(agent.nodeId) ?? []).map((edge) => edge.source))];
  }
  const { references } = parseTemplate(template);
  return [...new Set(references.flatMap((reference) => (reference.kind === "step" ? [reference.nodeId] : [])))];
}

/**
 * The message to an agent: its prompt with variables filled in. Without a prompt a first agent gets the execution's
 * input, and a later one the outputs of its predecessors that succeeded: one as it is, several under their names.
 * Throws TemplateTooLarge when that is more than MAX_RENDERED_BYTES.
 */
export function buildPrompt(graph: Graph, agent: Agent, given: StepInputs): string {
  const template = ownPrompt(agent);
  if (template !== undefined) return renderTemplate(parseTemplate(template), given);
  const prompt = ownlessPrompt(graph, agent, given);
  // The first comparison spares measuring what is plainly too large, or too small to matter.
  if (prompt.length > MAX_RENDERED_BYTES) throw new TemplateTooLarge();
  if (prompt.length * 3 > MAX_RENDERED_BYTES && new TextEncoder().encode(prompt).byteLength > MAX_RENDERED_BYTES) {
    throw new TemplateTooLarge();
  }
  return prompt;
}

function ownlessPrompt(graph: Graph, agent: Agent, given: StepInputs): string {
  const predecessors = outputsNeeded(graph, agent);
  if (predecessors.length === 0) return inputText(given.input) || OPENING;
  const sections = predecessors.flatMap((nodeId) => {
    const output = given.outputs.get(nodeId);
    return output === undefined ? [] : [{ name: graph.agentOf.get(nodeId)?.name ?? nodeId, output }];
  });
  const [only, ...others] = sections;
  if (only && others.length === 0) return only.output || OPENING;
  return sections.map(({ name, output }) => `## ${name}\n\n${output}`).join("\n\n") || OPENING;
}

function inputText(input: unknown): string {
  if (input === null || input === undefined) return "";
  if (typeof input === "string") return input;
  const text = JSON.stringify(input);
  return text.length > INDENTED_UP_TO ? text : JSON.stringify(input, null, 2);
}

/** A prompt of nothing but white space counts as none. */
function ownPrompt(agent: Agent): string | undefined {
  return agent.prompt === undefined || agent.prompt.trim() === "" ? undefined : agent.prompt;
}
