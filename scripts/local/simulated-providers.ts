import { type ChatCompletionRequest, LLMock } from "@copilotkit/aimock";
import { simulatedReply } from "./simulated-reply.ts";

/** A model name that every simulated provider refuses with 503, as one that is down would. */
export const OUTAGE_MODEL = "simulated-outage";

/** Three providers played on one loopback port. */
export interface SimulatedProviders {
  /** Settings that send the Worker to them. */
  vars: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts the stand-in for OpenAI, Anthropic and Gemini. Every call ends after `latencyMs`. */
export async function startSimulatedProviders(latencyMs: number): Promise<SimulatedProviders> {
  const server = new LLMock({ host: "127.0.0.1", port: 0, logLevel: "silent", journalMaxEntries: 100 });
  server.on({ predicate: () => true }, async (request) => {
    await new Promise((resolve) => setTimeout(resolve, latencyMs));
    if (request.model === OUTAGE_MODEL) {
      return { status: 503, error: { message: "This simulated provider is down.", type: "service_unavailable" } };
    }
    const { text, inputTokens, outputTokens } = simulatedReply(partsOf(request));
    return {
      content: text,
      // Each wire format reads the names that it knows.
      usage: {
        prompt_tokens: inputTokens,
        completion_tokens: outputTokens,
        input_tokens: inputTokens,
        output_tokens: outputTokens,
        promptTokenCount: inputTokens,
        candidatesTokenCount: outputTokens,
      },
    };
  });
  const url = await server.start();
  const key = "simulated-no-real-key";
  return {
    vars: {
      SIMULATED_PROVIDERS: "true",
      OPENAI_API_KEY: key,
      OPENAI_BASE_URL: `${url}/v1`,
      ANTHROPIC_API_KEY: key,
      ANTHROPIC_BASE_URL: url,
      GEMINI_API_KEY: key,
      GEMINI_BASE_URL: url,
    },
    stop: () => server.stop(),
  };
}

/** OpenAI's newer models take the system prompt as a message of the "developer". */
const SYSTEM_ROLES: readonly string[] = ["system", "developer"];

function partsOf(request: ChatCompletionRequest) {
  const textOf = (roles: readonly string[]) =>
    request.messages
      .filter((message) => roles.includes(message.role))
      .map(({ content }) =>
        typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("\n"),
      )
      .join("\n");
  return { model: request.model, system: textOf(SYSTEM_ROLES), input: textOf(["user"]) };
}
