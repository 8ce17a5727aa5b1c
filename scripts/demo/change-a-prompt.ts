import { executed } from "./executed.ts";
import { readmeText } from "./run-a-workflow.ts";
import { bodyOf, type Chapter, type Tour } from "./tour.ts";
import { historyLines, type ShownVersion, statisticsLines } from "./version-lines.ts";

const SHORTER = "Write a summary of one sentence, of twenty words at most.";

/** Commits the workflow of the tour, changes a prompt, compares, deploys by a tag, and goes back. */
export const changeAPrompt: Chapter = {
  title: "Versions: commit, compare, deploy, go back",
  async show(tour) {
    const workflow = await firstWorkflow(tour);
    const param = { id: workflow.id };
    const first = await commit(tour, workflow.id, "Two analysts and an editor");
    tour.say(`Committed version ${first.version}, "${first.commitMessage}". It is what was executed above.`);

    const agents = workflow.agents.map((agent) =>
      agent.id === "editor-agent" && agent.prompt !== undefined
        ? { ...agent, prompt: agent.prompt.replace(/^.+$/m, SHORTER) }
        : agent,
    );
    await bodyOf(await tour.api.api.workflows[":id"].$put({ param, header: {}, json: { ...workflow, agents } }));
    const second = await commit(tour, workflow.id, "A shorter summary");
    tour.say(`Changed the editor's prompt, and committed version ${second.version}, "${second.commitMessage}".`);

    await bodyOf(
      await tour.api.api.versions[":versionId"].tag.$put({
        param: { versionId: second.id },
        json: { tag: "production" },
      }),
    );
    tour.say(`Tagged it "production": from now on whatever runs by that tag runs version ${second.version}.`);
    tour.say('Executing "production" on the same text ...\n');
    const ran = await executed(tour, workflow.id, { input: { text: readmeText() }, version: "production" });
    if (ran.versionId !== second.id)
      throw new Error(`"production" ran ${ran.versionId}, which is not the version that was tagged.`);

    await showComparison(tour, workflow.id);

    const restored = await bodyOf(
      await tour.api.api.workflows[":id"].restore[":versionId"].$put({
        param: { ...param, versionId: first.id },
        header: {},
      }),
    );
    if (restored.version.contentHash !== first.contentHash) throw new Error("What was restored is not version 1.");
    tour.say(`\nRestored version ${first.version}: the draft is what it was, to the byte. Nothing was lost:\n`);
    const history = await bodyOf(await tour.api.api.workflows[":id"].versions.$get({ param, query: {} }));
    for (const line of historyLines(history.items)) tour.say(line);
  },
};

async function firstWorkflow(tour: Tour) {
  const [workflow] = (await bodyOf(await tour.api.api.workflows.$get({ query: {} }))).items;
  if (!workflow) throw new Error("An earlier chapter was to leave a workflow, and there is none.");
  return workflow;
}

async function commit(tour: Tour, id: string, commitMessage: string): Promise<ShownVersion> {
  return bodyOf(
    await tour.api.api.workflows[":id"].versions.$post({ param: { id }, header: {}, json: { commitMessage } }),
  );
}

async function showComparison(tour: Tour, id: string): Promise<void> {
  const comparison = await bodyOf(
    await tour.api.api.workflows[":id"].versions[":v1"].compare[":v2"].$get({
      param: { id, v1: "1", v2: "production" },
    }),
  );
  const { from, to, changes, summary } = comparison;
  if (from.draft || to.draft) throw new Error("Two versions were to be compared, and one of them is the draft.");
  if (summary.agentsModified !== 1) throw new Error(`One agent was changed, not ${summary.agentsModified}.`);
  tour.say(`Version ${from.version} beside "production", which is version ${to.version}:\n`);
  for (const change of changes.agents) {
    for (const field of change.fields) {
      tour.say(`  ${change.id}: ${field.path}`);
      tour.say(marked("-", field.before));
      tour.say(marked("+", field.after));
    }
  }
  tour.say("");
  for (const line of statisticsLines(from, to)) tour.say(line);
}

/** The first line of a value, as a comparison of files shows it. */
function marked(mark: string, value: unknown): string {
  const [line = ""] = (typeof value === "string" ? value : JSON.stringify(value)).split("\n");
  return `    ${mark} ${line}`;
}
