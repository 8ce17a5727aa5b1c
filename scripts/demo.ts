import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiClient } from "../src/api.client.ts";
import { callAWebhook } from "./demo/call-a-webhook.ts";
import { changeAPrompt } from "./demo/change-a-prompt.ts";
import { countTheCosts } from "./demo/count-the-costs.ts";
import { holdABudget } from "./demo/hold-a-budget.ts";
import { moveAWorkflow } from "./demo/move-a-workflow.ts";
import { runAWorkflow } from "./demo/run-a-workflow.ts";
import { runOnASchedule } from "./demo/run-on-a-schedule.ts";
import { surviveAnOutage } from "./demo/survive-an-outage.ts";
import { teachAnAgent } from "./demo/teach-an-agent.ts";
import type { Chapter } from "./demo/tour.ts";
import { integerSetting } from "./local/integer-setting.ts";
import { type Served, serve } from "./local/serve.ts";
import { signUpAt } from "./local/sign-up.ts";
import { nextSignal } from "./local/signals.ts";
import { formatWorkerLine } from "./local/worker-line.ts";

/** The tour, chapter by chapter. Later chapters may build on what earlier ones left. */
const CHAPTERS: readonly Chapter[] = [
  runAWorkflow,
  changeAPrompt,
  surviveAnOutage,
  runOnASchedule,
  callAWebhook,
  holdABudget,
  teachAnAgent,
  moveAWorkflow,
  countTheCosts,
];

const say = (line: string) => console.log(line);
const stateDir = mkdtempSync(join(tmpdir(), "swarm-demo-"));
let served: Served | undefined;

async function tour(): Promise<void> {
  served = await serve({
    port: 0,
    stateDir,
    // The guide signs up first, at an instance of its own.
    environment: { ...process.env, SETUP_TOKEN: "" },
    simulatedLatencyMs: integerSetting("SIMULATED_LATENCY_MS", process.env.SIMULATED_LATENCY_MS, 900),
    say,
    log: (line) => {
      if (line.level === "warn" || line.level === "error") console.error(formatWorkerLine(line, new Date()));
    },
  });
  const { url, scheduled: timeComes } = served.instance;
  const { providers } = served;
  say(`Swarm is running at ${url}, for this tour only.`);
  say(providers.length > 0 ? `Agents use ${providers.join(", ")}.` : "No provider key is set: replies are SIMULATED.");
  const headers = await signUpAt(url, { name: "Tour Guide", email: "tour@swarm.test", password: randomUUID() });
  const api = createApiClient(url, { headers });
  for (const [index, chapter] of CHAPTERS.entries()) {
    say(`\n${index + 1}. ${chapter.title}\n${"-".repeat(chapter.title.length + 3)}`);
    await chapter.show({ url, api, headers, providers, say, timeComes });
  }
  say("\nThat was the tour. `npm start` runs Swarm for good.");
}

async function cleanUp(): Promise<void> {
  await served?.stop();
  rmSync(stateDir, { recursive: true, force: true });
}

try {
  const interrupted = nextSignal().then((signal) => {
    throw new Error(`Stopped by ${signal}.`);
  });
  await Promise.race([tour(), interrupted]);
  await cleanUp();
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await cleanUp();
  process.exit(1);
}
