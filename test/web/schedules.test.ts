import type { Page } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { Account } from "../support/account.ts";
import { openPage } from "../support/browser.ts";
import { createWorkflow } from "../support/workflows.ts";
import { checkPage } from "./check-page.ts";
import { browser, swarm } from "./stage.ts";

let person: Account;
let workflowId: string;

beforeEach(async () => {
  person = await swarm.signUp();
  workflowId = await createWorkflow(person, ["a"]);
});

const open = (path: string, as: Account = person) => openPage(browser, `${swarm.url}${path}`, { as });

const scheduleSchema = z.object({
  id: z.string(),
  nextRunAt: z.string().nullable(),
  cronExpression: z.string().nullable(),
});

async function create(body: object, workflow = workflowId) {
  const { body: made } = await person.request("POST", `/api/workflows/${workflow}/schedules`, body);
  return scheduleSchema.parse(made);
}

async function onlySchedule() {
  const { body } = await person.request("GET", `/api/workflows/${workflowId}/schedules`);
  return z.object({ items: z.tuple([scheduleSchema.loose()]) }).parse(body).items[0];
}

/** Chooses of a select of the page, which lists its options elsewhere in the document. */
async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
  await page.getByRole("main").getByLabel(label, { exact: true }).click();
  await page.getByRole("option", { name: option }).click();
}

test("a schedule goes from a preset to an execution, and stands in the calendar", async () => {
  const watched = await open(`/workflows/${workflowId}/schedules`);
  const { page } = watched;
  await page.getByRole("heading", { name: "No schedules yet" }).waitFor();
  await checkPage(watched, "schedules-empty");

  await page.getByRole("link", { name: "Create schedule" }).click();
  await choose(page, "Start from a preset (optional)", "Every Monday at 9 AM");
  await page.getByText(/^At 09:00, on Monday/).waitFor();
  await page.getByRole("main").getByLabel("Time zone").fill("new york");
  await page.getByRole("option", { name: /New York/ }).click();
  await page.getByText("At 09:00, on Monday (America/New_York)").waitFor();
  const nextRuns = page.getByRole("table", { name: "Next runs" });
  await expect.poll(() => nextRuns.getByText(/^Mon .*, 09:00$/).count()).toBe(5);
  await page.getByRole("radiogroup", { name: "How often" }).getByText("Hours", { exact: true }).click();
  await page.getByText("Every hour (America/New_York)").waitFor();
  await page.getByLabel("Input", { exact: true }).fill("the news");
  await checkPage(watched, "schedule-new");
  await page.getByRole("button", { name: "Create schedule" }).click();
  await page.getByRole("heading", { name: "Every hour", exact: true }).waitFor();
  await page.getByRole("heading", { name: "It has not run yet" }).waitFor();

  const { nextRunAt } = await onlySchedule();
  await swarm.scheduled(new Date(Date.parse(nextRunAt ?? "")));
  const history = page.getByRole("table", { name: "History" });
  // Nobody reloads: what ran is told.
  await history.getByRole("row").nth(1).waitFor();
  await swarm.scheduled(new Date(Date.parse(nextRunAt ?? "") + 60_000));
  await history.getByText("Succeeded").waitFor();
  await page.getByText("the news").waitFor();
  await checkPage(watched, "schedule");

  await create({ cronExpression: "30 8,17 * * *" });
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  const week = page.getByRole("list", { name: "The next seven days" });
  await week.getByText("Every hour").first().waitFor();
  await expect.poll(() => week.getByText("08:30").count()).toBeGreaterThanOrEqual(6);
  await page
    .getByRole("table", { name: "All schedules" })
    .getByRole("row", { name: /A graph.*Every hour/ })
    .waitFor();
  await checkPage(watched, "schedules");

  await page
    .getByRole("row", { name: /Every hour/ })
    .getByRole("link", { name: "Every hour" })
    .click();
  await history.getByRole("link").click();
  await page.locator("header").getByText("Succeeded").waitFor();
  await page.getByRole("tab", { name: "Input" }).click();
  await page.getByText("the news").waitFor();
});

test("faults stand at their fields, and what was entered is kept", async () => {
  const watched = await open(`/workflows/${workflowId}/schedules/new`);
  const { page } = watched;
  await page.getByRole("radiogroup", { name: "How often" }).getByText("Cron", { exact: true }).click();
  await page.getByLabel("Cron expression").fill("0 0 9 * * *");
  await page.getByText(/Seconds are not supported/).waitFor();
  await page.getByText("The next runs appear here").waitFor();
  // Nobody is asked about what the server's own rule refuses.
  expect(watched.problems).toEqual([]);
  await page.getByLabel("Cron expression").fill("30 2 * * SUN");
  await page.getByText(/^At 02:30, on Sunday/).waitFor();
  await page.getByLabel("Condition (optional)").fill("last.status ==");
  await page.getByLabel("Retries", { exact: true }).fill("many");
  await page.getByRole("button", { name: "Create schedule" }).click();
  await page.getByText("The schedule was not saved: see the fields").waitFor();
  await page.getByLabel("Retries", { exact: true }).fill("2");
  await page.getByRole("button", { name: "Create schedule" }).click();
  await page.getByText("The schedule was not saved: see the fields").waitFor();
  watched.problems.splice(0);
  await checkPage(watched, "schedule-faults");
  await page.setViewportSize({ width: 768, height: 1024 });
  await checkPage(watched, "schedule-tablet");
  await page.getByLabel("Condition (optional)").fill("last.status == 'succeeded'");
  await page.getByRole("button", { name: "Create schedule" }).click();
  await page.getByRole("heading", { name: "At 02:30, on Sunday" }).waitFor();
  expect(await onlySchedule()).toMatchObject({
    maxRetries: 2,
    condition: { expression: "last.status == 'succeeded'" },
  });
});

test("a schedule is paused with a way back, edited, and deleted by typing its expression", async () => {
  const { id } = await create({ cronExpression: "0 9 * * 1-5", timezone: "Europe/London" });
  const watched = await open(`/workflows/${workflowId}/schedules`);
  const { page } = watched;
  await page.getByRole("button", { name: "Actions for At 09:00, on Monday to Friday" }).click();
  await page.getByRole("menuitem", { name: "Pause schedule" }).click();
  await page.getByRole("row", { name: /Paused/ }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("row", { name: /Active/ }).waitFor();
  await expect.poll(async () => (await onlySchedule()).nextRunAt).not.toBeNull();

  // Refused: it is shown as it was.
  const error = { code: "internal", message: "The disk is full. Free some.", details: [], requestId: "req-7" };
  await page.route("**/pause", (route) => route.fulfill({ status: 500, json: { error } }), { times: 1 });
  await page.getByRole("link", { name: "At 09:00, on Monday to Friday" }).click();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByText("The schedule was not paused.").waitFor();
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
  await page.getByRole("alert").filter({ hasText: "not paused" }).getByRole("button", { name: "Close" }).click();
  watched.problems.splice(0);

  await page.keyboard.press("e");
  await page.getByRole("heading", { name: "Edit schedule" }).waitFor();
  // Somebody else changes another field meanwhile, and both changes hold.
  await person.request("PUT", `/api/schedules/${id}`, { maxRetries: 4 });
  await page.getByLabel("At", { exact: true }).fill("10:15");
  await page.getByRole("link", { name: "Workflows", exact: true }).first().click();
  await page.getByRole("button", { name: "Stay" }).click();
  await page.getByRole("button", { name: "Save schedule" }).click();
  await page.getByRole("heading", { name: "At 10:15, on Monday to Friday" }).waitFor();
  expect(await onlySchedule()).toMatchObject({
    id,
    cronExpression: "15 10 * * 1-5",
    timezone: "Europe/London",
    maxRetries: 4,
  });

  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByLabel(/Type 15 10/).fill("15 10 * * 1-5");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "No schedules yet" }).waitFor();
  expect(watched.problems).toEqual([]);
});

test("a workflow runs after another one, as viewers see and cannot change", async () => {
  const before = await createWorkflow(person, ["b"]);
  await create({ after: { workflowId: before } });
  const { link } = z
    .object({ link: z.string() })
    .parse((await person.request("POST", "/api/invitations", { role: "viewer" })).body);
  const viewer = await swarm.signUp();
  const token = new URL(link).pathname.split("/").at(-1);
  expect((await viewer.request("POST", "/api/invitations/accept", { token })).status).toBeLessThan(300);
  const watched = await open(`/workflows/${workflowId}/schedules`, viewer);
  const { page } = watched;
  await page.getByRole("link", { name: "After A graph" }).click();
  await page.getByRole("heading", { name: "After A graph" }).waitFor();
  await page.getByRole("heading", { name: "It has not run yet" }).waitFor();
  for (const name of ["Pause", "Edit", "Delete"]) {
    await expect.poll(() => page.getByRole("button", { name, exact: true }).count(), { message: name }).toBe(0);
  }
  await checkPage(watched, "schedule-viewer");
  // What runs by the dozen does not push the list off the page.
  for (let minute = 0; minute < 12; minute += 1) await create({ cronExpression: `${minute} 0 * * *` });
  await page.goto(`${swarm.url}/schedules`);
  const tomorrow = page.getByRole("list", { name: "The next seven days" }).locator("> li").nth(1);
  await tomorrow.getByText("00:07").waitFor();
  await expect.poll(() => tomorrow.getByText("00:08").count()).toBe(0);
  await tomorrow.getByRole("button", { name: /^4 more on/ }).click();
  await tomorrow.getByText("00:11").waitFor();
  await page.goto(`${swarm.url}/workflows/${workflowId}/schedules/new`);
  await page.getByRole("heading", { name: "Only editors change schedules" }).waitFor();
});
