import { executed } from "./executed.ts";
import { newsroom } from "./newsroom.ts";
import { readmeText } from "./run-a-workflow.ts";
import { bodyOf, type Chapter } from "./tour.ts";

/** Exports a workflow with its history, deletes it, imports the file, and runs what came back. */
export const moveAWorkflow: Chapter = {
  title: "Transfer: export, delete, import, run again",
  async show(tour) {
    const workflow = await bodyOf(
      await tour.api.api.workflows.$post({ json: { ...newsroom(tour.providers), name: "Travelling newsroom" } }),
    );
    await executed(tour, workflow.id, { input: { text: readmeText() } });
    const options = "includeExecutions=true&includeVersions=true&includeSchedules=true&includeWebhooks=true";
    const answer = await fetch(`${tour.url}/api/workflows/${workflow.id}/export?${options}&format=zip`, {
      headers: tour.headers,
    });
    if (!answer.ok) throw new Error(`The export answered ${answer.status}: ${await answer.text()}`);
    const file = await answer.arrayBuffer();
    tour.say(`Exported "${workflow.name}" as an archive of ${file.byteLength} bytes, its execution with it.`);
    tour.say(`Texts in it that look like a secret: ${answer.headers.get("X-Secret-Findings")}.`);

    const param = { id: workflow.id };
    const deleted = await tour.api.api.workflows[":id"].$delete({ param });
    if (deleted.status !== 204) throw new Error(`Deleting the workflow answered ${deleted.status}.`);
    tour.say("Deleted the workflow, with its history.");

    const sent = await fetch(`${tour.url}/api/workflows/import`, { method: "POST", headers: tour.headers, body: file });
    if (!sent.ok) throw new Error(`The import answered ${sent.status}: ${await sent.text()}`);
    const copy = (await bodyOf(await tour.api.api.workflows.$get({ query: {} }))).items.find(
      ({ name }) => name === workflow.name,
    );
    if (!copy || copy.id === workflow.id) throw new Error("The import was to bring the workflow back under a new id.");
    const history = await bodyOf(await tour.api.api.executions.$get({ query: { workflowId: copy.id } }));
    if (history.items.length !== 1) throw new Error(`One execution was to come along, not ${history.items.length}.`);
    tour.say("Imported the file: the workflow is back under a new id, with the execution that it had.");

    await executed(tour, copy.id, { input: { text: readmeText() } });
    tour.say("Executed it again: it works as before.");
  },
};
