/** What a provider is asked. */
export interface SimulatedRequest {
  model: string;
  system: string;
  input: string;
}

const EXTRACT_LENGTH = 240;

/**
 * A reply that can be told from a real one at a glance, and from that of another agent: always the same for the same
 * request. Token counts follow the rule of thumb of four characters a token.
 */
export function simulatedReply(request: SimulatedRequest): { text: string; inputTokens: number; outputTokens: number } {
  const role = firstLine(request.system) ?? "no system prompt";
  const words = request.input.split(/\s+/).filter((word) => word !== "");
  const text = [
    `Simulated reply of ${request.model}: no provider key is set, so no model was asked.`,
    `Asked to be: ${role}`,
    words.length === 0 ? "There was no input." : `Given ${words.length} words: ${extract(words)}`,
  ].join("\n");
  return { text, inputTokens: tokens(request.system + request.input), outputTokens: tokens(text) };
}

function firstLine(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "");
}

function extract(words: readonly string[]): string {
  const all = words.join(" ");
  if (all.length <= EXTRACT_LENGTH) return all;
  const cut = all.slice(0, EXTRACT_LENGTH);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), 1))} ...`;
}

function tokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / 4));
}
