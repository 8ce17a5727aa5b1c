import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../local/paths.ts";
import { type ShownEvent, watchLive } from "./live-feed.ts";
import { newsroom } from "./newsroom.ts";
import { bodyOf, type Chapter, type Tour } from "./tour.ts";

const PATIENCE_MS = 120_000;
const ENDED = ["succeeded", "failed", "cancelled"];

/** What the workflow of the tour works on. Versions that ran on different texts could not be compared by their figures. */
export function readmeText(): string {
  return readFileSync(join(ROOT, "README.md"), "utf8").slice(0, 4_000);
}

/** Makes a workflow, executes it on a text, and shows each step as it happens and what it gave. */
export const runAWorkflow: Chapter = {
  title: "Three agents, a fork and a join",
  async show(tour) {
    const workflow = await bodyOf(await tour.api.api.workflows.$post({ json: newsroom(tour.providers) }));
    tour.say(`Created the workflow "${workflow.name}": facts and reader run side by side, editor joins them.`);

    const text = readmeText();
    const executionId = await executeAndWatch(tour, workflow.id, { text });

    const execution = await bodyOf(await tour.api.api.executions[":id"].$get({ param: { id: executionId } }));
    for (const step of execution.steps) {
      const took = seconds(step.startedAt, step.completedAt);
      tour.say(
        `\n${step.name} (${step.provider} ${step.model}, ${step.inputTokens} + ${step.outputTokens} tokens, ${took})`,
      );
      tour.say(indented(step.output ?? step.error?.message ?? `no output: ${step.status}`));
    }
    tour.say(`\nThe execution ${execution.status} in ${seconds(execution.startedAt, execution.completedAt)}.`);
    if (execution.status !== "succeeded") throw new Error(`The execution ended as ${execution.status}.`);
  },
};

/** Executes a workflow, says what the live feed tells of it, and answers the execution's id when it has ended. */
async function executeAndWatch(tour: Tour, workflowId: string, input: { text: string }): Promise<string> {
  const startedAt = Date.now();
  const early: ShownEvent[] = [];
  let deliver = (event: ShownEvent): void => {
    // The feed may tell of an execution before the answer has told its id.
    early.push(event);
  };
  const feed = await watchLive(tour.url, tour.headers, (event) => deliver(event));
  try {
    const started = await bodyOf(
      await tour.api.api.workflows[":id"].execute.$post({ param: { id: workflowId }, header: {}, json: { input } }),
    );
    tour.say(`Executing it on the README (${input.text.length} characters) ...\n`);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The live feed told of no end within ${PATIENCE_MS / 1000} s.`)),
        PATIENCE_MS,
      );
      deliver = (event) => {
        if (event.executionId !== started.executionId) return;
        const subject = event.type === "step" ? event.nodeId : "execution";
        const time = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
        tour.say(`  ${time.padStart(6)}  ${subject.padEnd(10)} ${event.status}`);
        if (event.type !== "execution" || !ENDED.includes(event.status)) return;
        clearTimeout(timer);
        resolve();
      };
      for (const event of early) deliver(event);
    });
    return started.executionId;
  } finally {
    feed.close();
  }
}

function seconds(from: string | null, to: string | null): string {
  if (from === null || to === null) return "not run";
  return `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;
}

function indented(text: string): string {
  return text.replace(/^/gm, "    ");
}
