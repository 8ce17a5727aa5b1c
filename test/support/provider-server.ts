import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { answerBody, errorBody, readCall, type Usage, type WireCall } from "./provider-wire.ts";

/** How the next matching call is answered. Without a `status` it succeeds. */
export interface Behaviour {
  /** The reply's text. Default: `reply to: ` and the prompt's beginning. */
  text?: string | ((call: WireCall) => string);
  usage?: Usage;
  /** The model that the answer names, where it differs from the one asked for. */
  model?: string;
  /** An HTTP status that is not 2xx makes it the provider's own error envelope. */
  status?: number;
  /** Message of the error envelope. */
  message?: string;
  /** The provider's name of the error: `insufficient_quota`, `overloaded_error`, `RESOURCE_EXHAUSTED`. */
  errorType?: string;
  headers?: Record<string, string>;
  /** Sent as it is in place of a well-formed body. */
  rawBody?: string;
  /** Waits that long, in ms, before the answer. */
  delayMs?: number;
  /** Waits for it before the answer: for what has to be seen meanwhile, however slow the machine. */
  until?: Promise<void>;
  /** "hang" never answers; "reset" cuts the connection. */
  fault?: "hang" | "reset";
}

/** Which calls a rule is for. Everything that is given must fit. */
export interface Match {
  provider?: WireCall["provider"];
  model?: string;
  /** Part of the prompt or of the system prompt. */
  contains?: string;
}

interface Rule {
  match: Match;
  behaviour: Behaviour | ((call: WireCall, index: number) => Behaviour);
  /** How many calls it still answers. */
  left: number;
  answered: number;
}

/** A provider that does as it is told, on a loopback port, in the wire formats of OpenAI, Anthropic and Gemini. */
export interface ProviderServer {
  url: string;
  /** Settings that send a Worker to it. */
  vars: Record<string, string>;
  /** Every call that came in, in order, those still unanswered too. */
  calls: WireCall[];
  /** Calls that came in and are not answered yet. */
  pending(): number;
  /** The most calls that were unanswered at one time. */
  peak(): number;
  /** Adds a rule. The newest one that fits answers; `times` (default: always) limits how often. */
  on(match: Match, behaviour: Rule["behaviour"], times?: number): void;
  /** Forgets rules and calls. */
  reset(): void;
  stop(): Promise<void>;
}

/** Starts one. A call that no rule fits gets a friendly reply with 100 input and 20 output tokens. */
export async function startProviderServer(): Promise<ProviderServer> {
  const rules: Rule[] = [];
  const calls: WireCall[] = [];
  let pending = 0;
  let peak = 0;

  const server = createServer((request, response) => {
    pending += 1;
    peak = Math.max(peak, pending);
    response.on("close", () => {
      pending -= 1;
    });
    respond(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(`The stand-in failed: ${String(error)}`);
    });
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request);
    if (!call) {
      response.statusCode = 404;
      response.end(JSON.stringify({ error: { message: `No provider answers at ${request.url}` } }));
      return;
    }
    calls.push(call);
    const behaviour = behaviourFor(call);
    if (behaviour.delayMs) await new Promise((resolve) => setTimeout(resolve, behaviour.delayMs));
    await behaviour.until;
    if (behaviour.fault === "hang") return;
    if (behaviour.fault === "reset") {
      request.socket.destroy();
      return;
    }
    const failed = behaviour.status !== undefined && behaviour.status >= 300;
    const body = behaviour.rawBody ?? JSON.stringify(failed ? errorBody(call, behaviour) : answerBody(call, behaviour));
    response.writeHead(behaviour.status ?? 200, { "Content-Type": "application/json", ...behaviour.headers });
    response.end(body);
  }

  function behaviourFor(call: WireCall): Behaviour {
    const rule = rules.findLast((candidate) => candidate.left > 0 && fits(candidate.match, call));
    if (!rule) return {};
    rule.left -= 1;
    rule.answered += 1;
    return typeof rule.behaviour === "function" ? rule.behaviour(call, rule.answered - 1) : rule.behaviour;
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The stand-in has no port.");
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    vars: {
      OPENAI_API_KEY: "sk-test-openai",
      OPENAI_BASE_URL: `${url}/v1`,
      ANTHROPIC_API_KEY: "sk-ant-test",
      ANTHROPIC_BASE_URL: url,
      GEMINI_API_KEY: "gemini-test",
      GEMINI_BASE_URL: url,
    },
    calls,
    pending: () => pending,
    peak: () => peak,
    on: (match, behaviour, times = Number.POSITIVE_INFINITY) => {
      rules.push({ match, behaviour, left: times, answered: 0 });
    },
    reset: () => {
      rules.length = 0;
      calls.length = 0;
      peak = pending;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // A hanging call would keep the server open for ever.
        server.closeAllConnections();
      }),
  };
}

function fits(match: Match, call: WireCall): boolean {
  return (
    (match.provider === undefined || match.provider === call.provider) &&
    (match.model === undefined || match.model === call.model) &&
    (match.contains === undefined || call.prompt.includes(match.contains) || call.system.includes(match.contains))
  );
}
