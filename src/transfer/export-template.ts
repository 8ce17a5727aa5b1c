import type { DefinitionOut } from "./bundle.ts";
import { scrubText } from "./rules/anonymize.ts";

/**
 * A definition as a template: texts without addresses and what looks like a secret, agents and edges numbered anew, and
 * without the data that a client of this installation left at nodes. Nodes keep their ids, since prompts and conditions
 * name them.
 */
export function templateOf({ nodes, edges, agents, settings }: DefinitionOut): DefinitionOut {
  return {
    nodes: nodes.map((node) => ({ ...node, data: undefined })),
    edges: edges.map((edge, place) => ({ ...edge, id: `edge-${place + 1}`, condition: optional(edge.condition) })),
    agents: agents.map((agent, place) => ({
      ...agent,
      id: `agent-${place + 1}`,
      name: scrubText(agent.name),
      role: scrubText(agent.role),
      model: scrubText(agent.model),
      fallback: agent.fallback && {
        ...agent.fallback,
        targets: agent.fallback.targets.map((target) => ({ ...target, model: optional(target.model) })),
      },
      description: optional(agent.description),
      systemPrompt: optional(agent.systemPrompt),
      prompt: optional(agent.prompt),
      stopSequences: agent.stopSequences?.map((text) => scrubText(text)),
      capabilities: agent.capabilities.map((text) => scrubText(text)),
    })),
    settings: { ...settings, inputSchema: scrubObject(settings.inputSchema) },
  };
}

/** Schedules' and webhooks' fields, whose texts people wrote. */
export function scrubObject<Given extends Record<string, unknown> | undefined>(given: Given): Given;
export function scrubObject(given: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  return (
    given && Object.fromEntries(Object.entries(given).map(([name, value]) => [scrubText(name), scrubbed(value, name)]))
  );
}

function scrubbed(value: unknown, name?: string): unknown {
  if (typeof value === "string") return scrubText(value, name);
  if (Array.isArray(value)) return value.map((item: unknown) => scrubbed(item, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [scrubText(key), scrubbed(member, key)]));
}

function optional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : scrubText(text);
}
