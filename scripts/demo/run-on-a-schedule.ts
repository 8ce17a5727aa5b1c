import { newsroom } from "./newsroom.ts";
import { readmeText } from "./run-a-workflow.ts";
import { bodyOf, type Chapter, type Tour } from "./tour.ts";

const PATIENCE_MS = 120_000;
const CRON = { cronExpression: "*/5 9-17 * * MON-FRI", timezone: "America/New_York" };

/** Gives a workflow a schedule, lets its time come without waiting for it, and shows what became of it. */
export const runOnASchedule: Chapter = {
  title: "A schedule, whose time comes",
  async show(tour) {
    const { description, runs, notes } = await bodyOf(await tour.api.api.schedules.preview.$post({ json: CRON }));
    tour.say(`${CRON.cronExpression}: ${description}. Its next runs:`);
    for (const run of runs) {
      const note = notes.find((each) => each.run === run)?.note;
      tour.say(`  ${run}${note === undefined ? "" : ` (${note})`}`);
    }
    const workflow = await bodyOf(
      await tour.api.api.workflows.$post({ json: { ...newsroom(tour.providers), name: "Morning newsroom" } }),
    );
    const schedule = await bodyOf(
      await tour.api.api.workflows[":id"].schedules.$post({
        param: { id: workflow.id },
        json: { ...CRON, input: { text: readmeText() } },
      }),
    );
    if (schedule.nextRunAt === null) throw new Error("The schedule was to have a next run.");
    tour.say(`\nIts time comes, early for this tour, and the cron fires twice for good measure ...`);
    await tour.timeComes(new Date(schedule.nextRunAt));
    await tour.timeComes(new Date(schedule.nextRunAt));
    const history = await endedRuns(tour, schedule.id);
    for (const { scheduledFor, status, executionId } of history) {
      tour.say(`  ${scheduledFor}  ${status.padEnd(10)} execution ${executionId}`);
    }
    const [run, ...others] = history;
    if (run?.status !== "succeeded" || others.length > 0) {
      throw new Error("One run was to be there, and to have succeeded.");
    }
    await bodyOf(await tour.api.api.schedules[":id"].pause.$post({ param: { id: schedule.id } }));
    tour.say("It fired once. Paused, it fires no more.");
  },
};

/** A schedule's history, once nothing in it is under way. */
async function endedRuns(tour: Tour, id: string) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { items } = await bodyOf(await tour.api.api.schedules[":id"].runs.$get({ param: { id }, query: {} }));
    if (items.length > 0 && items.every(({ status }) => status !== "running" && status !== "pending")) return items;
    if (Date.now() > deadline) throw new Error(`The run has not ended within ${PATIENCE_MS / 1_000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
