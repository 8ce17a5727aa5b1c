/** A model of each provider that is good enough for the tour, and cheap. */
const MODELS = [
  { provider: "openai", model: "gpt-5.4-mini" },
  { provider: "anthropic", model: "claude-haiku-4-5" },
  { provider: "gemini", model: "gemini-3-flash-preview" },
] as const;

/**
 * A workflow of three agents: two analysts read the same text side by side (the fork), an editor works with what
 * both found (the join). Agents are shared out between the providers that can be called; none given means all.
 */
export function newsroom(providers: readonly string[]) {
  const usable = MODELS.filter(({ provider }) => providers.length === 0 || providers.includes(provider));
  const target = (turn: number) => {
    const chosen = usable[turn % usable.length];
    if (!chosen) throw new Error("The tour needs a key of OpenAI, Anthropic or Gemini, or none at all.");
    return chosen;
  };
  const agent = { temperature: 0.3, maxTokens: 1_000, capabilities: [] };
  return {
    name: "Newsroom",
    description: "Two analysts read a text side by side, and an editor sums up what they found.",
    nodes: [
      { id: "facts", type: "agent" as const, position: { x: 0, y: 0 } },
      { id: "reader", type: "agent" as const, position: { x: 0, y: 160 } },
      { id: "editor", type: "agent" as const, position: { x: 320, y: 80 } },
    ],
    edges: [
      { id: "facts-editor", source: "facts", target: "editor" },
      { id: "reader-editor", source: "reader", target: "editor" },
    ],
    agents: [
      {
        ...agent,
        ...target(0),
        id: "facts-agent",
        nodeId: "facts",
        name: "Fact finder",
        role: "analyst",
        systemPrompt: "You list the facts that a text states, and add none.",
        prompt: "List the five most important facts of this text:\n\n{{input.text}}",
      },
      {
        ...agent,
        ...target(1),
        id: "reader-agent",
        nodeId: "reader",
        name: "First reader",
        role: "critic",
        systemPrompt: "You read a text as somebody who has never heard of its subject.",
        prompt: "Which questions does this text leave open? Name three.\n\n{{input.text}}",
      },
      {
        ...agent,
        ...target(2),
        id: "editor-agent",
        nodeId: "editor",
        name: "Editor",
        role: "editor",
        systemPrompt: "You write for readers who have one minute.",
        prompt:
          "Write a summary of three sentences.\n\nFacts:\n{{steps.facts.output}}\n\nOpen questions:\n{{steps.reader.output}}",
      },
    ],
    settings: { timeoutSeconds: 120 },
  };
}
