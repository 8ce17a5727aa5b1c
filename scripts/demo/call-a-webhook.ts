import { createHmac } from "node:crypto";
import { newsroom } from "./newsroom.ts";
import { bodyOf, type Chapter, type Tour } from "./tour.ts";

/** How many calls this chapter makes, and how long they may take to be seen. */
const CALLS = 3;
const PATIENCE_MS = 10_000;
const SECRET = "It's a Secret to Everybody";

/** What GitHub sends when somebody opens an issue, as far as it matters here. */
const BODY = JSON.stringify({
  action: "opened",
  issue: { number: 7, title: "The editor loses my last line", body: "It happens when I save twice." },
  sender: { login: "octocat" },
});

/** Calls a webhook as GitHub would, shows the execution that the call started, and a forged one that started nothing. */
export const callAWebhook: Chapter = {
  title: "A signed call from outside starts a workflow",
  async show(tour) {
    const workflow = await bodyOf(await tour.api.api.workflows.$post({ json: triage(tour.providers) }));
    const json = {
      signature: { scheme: "github" as const, secret: SECRET },
      payloadTransformer: { "title!": "issue.title", text: "issue.body", by: "sender.login" },
    };
    const webhook = await bodyOf(
      await tour.api.api.workflows[":id"].webhooks.$post({ param: { id: workflow.id }, json }),
    );
    const { id, webhookUrl } = webhook;
    if (webhookUrl === null) throw new Error("A new webhook was to show its address.");
    tour.say(`"${workflow.name}" has a public address now:\n  ${webhookUrl}`);
    tour.say("GitHub signs its calls, and the payload is mapped to {title, text, by}.\n");

    const signature = `sha256=${createHmac("sha256", SECRET).update(BODY).digest("hex")}`;
    const started = await post(`${webhookUrl}?wait=25`, signature);
    tour.say(`Signed:   ${started.status} ${shortened(started.text)}`);
    const again = await post(webhookUrl, signature);
    tour.say(`Repeated: ${again.status} ${shortened(again.text)}`);
    const forged = await post(webhookUrl, `sha256=${"0".repeat(64)}`);
    tour.say(`Forged:   ${forged.status} ${shortened(forged.text)}`);
    if (started.status !== 200 || again.status !== 200 || forged.status !== 401) {
      throw new Error("The signed call was to be answered, its repeat recognised, and the forged one refused.");
    }
    await showCalls(tour, id);
  },
};

async function post(url: string, signature: string): Promise<{ status: number; text: string }> {
  const headers = {
    "Content-Type": "application/json",
    "X-GitHub-Event": "issues",
    "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "X-Hub-Signature-256": signature,
  };
  const response = await fetch(url, { method: "POST", headers, body: BODY });
  return { status: response.status, text: await response.text() };
}

async function showCalls(tour: Tour, id: string): Promise<void> {
  const items = await recorded(tour, id);
  tour.say("\nWhat the webhook's owner sees of them, newest first:\n");
  for (const { status, outcome, failedCheck, executionId, durationMs } of items) {
    const what = failedCheck ?? `execution ${executionId ?? ""}`;
    tour.say(`  ${status}  ${outcome.padEnd(10)} ${what}  (${durationMs} ms)`);
  }
}

/** A call is written down behind its answer's back: the last one may take a moment. */
async function recorded(tour: Tour, id: string) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { items } = await bodyOf(await tour.api.api.webhooks[":id"].calls.$get({ param: { id } }));
    if (items.length === CALLS) return items;
    if (Date.now() > deadline) throw new Error(`${CALLS} calls were to be seen, and there are ${items.length}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function shortened(text: string): string {
  return text.length <= 150 ? text : `${text.slice(0, 150)} ...`;
}

function triage(providers: readonly string[]) {
  const [model] = newsroom(providers).agents;
  if (!model) throw new Error("The newsroom has no agent to take a model from.");
  return {
    name: "Triage",
    description: "Says what a new issue is about.",
    nodes: [{ id: "triage", type: "agent" as const, position: { x: 0, y: 0 } }],
    edges: [],
    agents: [
      {
        ...model,
        id: "triage-agent",
        nodeId: "triage",
        name: "Triage",
        role: "triage",
        systemPrompt: "You sort issues of a software project.",
        prompt: "Bug, question or wish? One sentence.\n\n{{input.title}}\n{{input.text}}",
      },
    ],
    settings: { timeoutSeconds: 120 },
  };
}
