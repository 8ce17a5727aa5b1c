import type { Agent, Definition } from "../inputs.ts";
import { parseCondition } from "./condition.ts";
import type { Findings } from "./findings.ts";
import { ancestorsOf, type Graph } from "./graph.ts";
import { stepsNamed } from "./steps-named.ts";
import { parseTemplate } from "./template.ts";

/** Of one prompt. A text of braces alone would make an answer of megabytes. */
const FAULTS_SHOWN = 20;

/** Checks providers, prompts and fallbacks of every agent. `providers` are the names that this installation knows. */
export function checkAgents(
  definition: Definition,
  graph: Graph,
  providers: readonly string[],
  findings: Findings,
): void {
  const known = new Set(providers);
  definition.agents.forEach((agent, index) => {
    const path = `agents[${index}]`;
    checkProvider(agent.provider, `${path}.provider`, known, findings);
    agent.fallback?.targets.forEach((target, place) => {
      checkProvider(target.provider, `${path}.fallback.targets[${place}].provider`, known, findings);
    });
    checkPrompt(definition, graph, agent, `${path}.prompt`, findings);
    if (isBlank(agent.prompt) && isBlank(agent.systemPrompt)) {
      const message = `The agent "${agent.name}" has neither a prompt nor a system prompt: the model is told nothing but its input.`;
      findings.warnings.push({ code: "no_instructions", path: `${path}.prompt`, message });
    }
  });
}

/** Checks that conditions are JMESPath and look back only. The edge's own source counts as known. */
export function checkConditions(definition: Definition, graph: Graph, findings: Findings): void {
  definition.edges.forEach(({ source, condition }, index) => {
    if (condition === undefined) return;
    const path = `edges[${index}].condition`;
    const parsed = parseCondition(condition);
    if (!parsed.ok) {
      const message = `${parsed.message} A condition is JMESPath over input, output, json and steps.`;
      findings.errors.push({ code: "bad_condition", path, message });
      return;
    }
    const named = stepsNamed(condition);
    if (named.length === 0) return;
    const before = graph.incoming.has(source) ? ancestorsOf(definition, source, graph).add(source) : null;
    checkSteps(named, before, graph, path, findings);
  });
}

function checkProvider(provider: string, path: string, known: ReadonlySet<string>, { errors }: Findings): void {
  if (known.has(provider)) return;
  const message = `There is no provider "${provider}". Choose one of ${[...known].join(", ")}.`;
  errors.push({ code: "unknown_provider", path, message });
}

function checkPrompt(definition: Definition, graph: Graph, agent: Agent, path: string, findings: Findings): void {
  if (agent.prompt === undefined) return;
  const { references, faults } = parseTemplate(agent.prompt);
  for (const { message, index } of faults.slice(0, FAULTS_SHOWN)) {
    findings.errors.push({ code: "bad_template", path, message: `At character ${index + 1}: ${message}` });
  }
  if (faults.length > FAULTS_SHOWN) {
    const message = `And ${faults.length - FAULTS_SHOWN} more faults of this kind.`;
    findings.errors.push({ code: "bad_template", path, message });
  }
  const named = new Set(references.flatMap((reference) => (reference.kind === "step" ? [reference.nodeId] : [])));
  if (named.size === 0) return;
  const before = graph.incoming.has(agent.nodeId) ? ancestorsOf(definition, agent.nodeId, graph) : null;
  checkSteps(named, before, graph, path, findings);
}

/** `before`: the steps that have ended by then; `null` when the place in the graph is not known. */
function checkSteps(
  named: Iterable<string>,
  before: ReadonlySet<string> | null,
  graph: Graph,
  path: string,
  { errors }: Findings,
): void {
  for (const id of named) {
    if (!graph.incoming.has(id)) {
      errors.push({ code: "unknown_step", path, message: `There is no node "${id}" whose output could be used.` });
    } else if (before !== null && !before.has(id)) {
      const message = `No edges lead here from "${id}", so its output may not be there yet. Connect it, or refer to an earlier node.`;
      errors.push({ code: "not_an_ancestor", path, message });
    }
  }
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === "";
}
