import { resolve } from "node:path";
import { integerSetting } from "./local/integer-setting.ts";
import { serve } from "./local/serve.ts";
import { nextSignal } from "./local/signals.ts";
import { formatWorkerLine } from "./local/worker-line.ts";

const MAX_PORT = 65_535;
const say = (line: string) => console.log(line);

let stopping = false;
let started = false;

try {
  const stateDir = resolve(process.env.SWARM_STATE ?? ".swarm");
  const ended = nextSignal().then((signal) => {
    stopping = true;
    say(`Stopping on ${signal} ...`);
  });
  const served = await serve({
    port: integerSetting("PORT", process.env.PORT, 8787, MAX_PORT),
    stateDir,
    environment: process.env,
    simulatedLatencyMs: integerSetting("SIMULATED_LATENCY_MS", process.env.SIMULATED_LATENCY_MS, 400),
    say,
    log: (line) => {
      if (line.level !== "debug") console.error(formatWorkerLine(line, new Date()));
    },
  });
  started = true;
  if (!stopping) {
    say(`\nSwarm is running at ${served.instance.url}`);
    say(`Data is kept in ${stateDir}`);
    say(aboutProviders(served.providers));
    say("Press Ctrl-C to stop.\n");
  }
  await ended;
  await served.stop();
  process.exit(0);
} catch (error) {
  // Ctrl-C ends what it builds and starts with as well: that is no fault.
  if (stopping && !started) process.exit(0);
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

function aboutProviders(providers: readonly string[]): string {
  if (providers.length > 0)
    return `Configured providers: ${providers.join(", ")}. Agents of others fall back to these where they can, and fail otherwise.`;
  return [
    "No provider key is set: replies are SIMULATED, no model is asked and no cost is real.",
    "For real replies set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY (one is enough) in the environment or",
    "in a file .dev.vars (NAME=value lines) and start again.",
  ].join("\n");
}
