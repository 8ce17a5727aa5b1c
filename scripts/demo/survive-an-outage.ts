import { OUTAGE_MODEL } from "../local/simulated-providers.ts";
import { executed } from "./executed.ts";
import { bodyOf, type Chapter, type Tour } from "./tour.ts";

/** One agent, whose own model is down and who names two others. */
const AGENT = {
  id: "translator-agent",
  nodeId: "translator",
  name: "Translator",
  role: "translator",
  provider: "openai",
  model: OUTAGE_MODEL,
  systemPrompt: "You translate into French.",
  prompt: "Translate: {{input.text}}",
  temperature: 0,
  maxTokens: 500,
  capabilities: [],
  fallback: {
    targets: [
      { provider: "anthropic", model: "claude-haiku-4-5" },
      { provider: "gemini", model: "gemini-3-flash-preview" },
    ],
  },
};

/** Executes an agent whose provider is down: another takes over, and every call is told with its reason. */
export const surviveAnOutage: Chapter = {
  title: "A provider fails, and another takes over",
  async show(tour) {
    if (tour.providers.length > 0) {
      tour.say(
        "Left out: real keys are set, and no real provider fails on demand. Without one this is shown simulated.",
      );
      return;
    }
    const { targets } = await bodyOf(await tour.api.api.route.explain.$post({ json: { agent: AGENT } }));
    tour.say("The translator's targets, in the order in which they would be tried:\n");
    for (const { provider, model, eligible, reason } of targets) {
      tour.say(`  ${provider.padEnd(10)} ${model.padEnd(24)} ${eligible ? "" : "not tried: "}${reason}`);
    }

    const workflow = await bodyOf(await tour.api.api.workflows.$post({ json: translation() }));
    tour.say(`\nOpenAI answers 503 for ${OUTAGE_MODEL}. Executing "${workflow.name}" ...\n`);
    const execution = await executed(tour, workflow.id, { input: { text: "Everything fails, all the time." } });

    await showAttempts(tour, execution.id);
    const [step] = execution.steps;
    if (!step?.fallbackUsed) throw new Error("The step was to be answered by another provider than its own.");
    tour.say(
      `\nThe execution ${execution.status}; ${step.provider} ${step.model} answered in place of ${AGENT.provider}.`,
    );
    await showEvents(tour, execution.id);
  },
};

function translation() {
  return {
    name: "Translation",
    description: "One agent, whose own provider is down.",
    nodes: [{ id: "translator", type: "agent" as const, position: { x: 0, y: 0 } }],
    edges: [],
    agents: [AGENT],
    settings: { timeoutSeconds: 120 },
  };
}

async function showAttempts(tour: Tour, id: string): Promise<void> {
  const { items } = await bodyOf(await tour.api.api.executions[":id"].attempts.$get({ param: { id }, query: {} }));
  for (const { n, provider, model, errorKind, httpStatus, latencyMs, reason } of items) {
    const outcome = errorKind === null ? "answered" : `${errorKind} (${httpStatus ?? "no answer"})`;
    tour.say(`  call ${n}  ${provider.padEnd(10)} ${model.padEnd(24)} ${outcome} after ${latencyMs} ms: ${reason}`);
  }
}

async function showEvents(tour: Tour, executionId: string): Promise<void> {
  const { items } = await bodyOf(await tour.api.api["fallback-events"].$get({ query: {} }));
  const events = items.filter((event) => event.executionId === executionId);
  if (events.length === 0) throw new Error("The fallback left no event.");
  for (const { fromProvider, toProvider, reason, success } of events) {
    tour.say(
      `Fallback event: ${fromProvider} to ${toProvider}, because of ${reason}, ${success ? "succeeded" : "failed"}.`,
    );
  }
}
