import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { formatExactMoney } from "../../web/src/lib/money.ts";
import type { Account } from "../support/account.ts";
import { openBrowser, openPage } from "../support/browser.ts";
import { collect } from "../support/collect.ts";
import { startTestInstance, type TestInstance } from "../support/instance.ts";
import { createWorkflow, ended, execute } from "../support/workflows.ts";
import { checkPage, checkPhone } from "./check-page.ts";

let swarm: TestInstance;
let browser: Browser;
let person: Account;

beforeAll(async () => {
  browser = await openBrowser();
  // The budget's webhook goes to the stand-in: nothing leaves this machine.
  swarm = await startTestInstance({ vars: { ALLOW_LOCAL_PROVIDERS: "true" } });
});
afterAll(async () => {
  await browser?.close();
  await swarm?.stop();
});
beforeEach(async () => {
  swarm.providers.reset();
  person = await swarm.signUp();
});

const open = (path: string) => openPage(browser, `${swarm.url}${path}`, { as: person });

const costsSchema = z.object({
  totalCostNanoUsd: z.number(),
  calls: z.number(),
  today: z.object({ costNanoUsd: z.number() }),
  byModel: z.array(z.object({ model: z.string(), costNanoUsd: z.number() })),
  costPerSuccessfulExecution: z.object({ costNanoUsd: z.number() }),
});

/** What the API says, by the zone that the browser has. */
async function costs(page: Page, filters: Record<string, string> = {}) {
  const timezone = await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const { body } = await person.request("GET", `/api/analytics/costs?${new URLSearchParams({ timezone, ...filters })}`);
  return costsSchema.parse(body);
}

/** The money under a label, to the last digit, as it is on hover. */
const figure = (page: Page, label: string) =>
  page
    .locator("dl > div")
    .filter({ has: page.getByText(label, { exact: true }) })
    .locator("dd")
    .first();

async function shows(where: Locator, nanoUsd: number): Promise<void> {
  await expect
    .poll(() => where.locator("[title]").first().getAttribute("title"), { timeout: 15_000 })
    .toBe(formatExactMoney(nanoUsd));
}

const nanoIn = (title: string | null) =>
  Number((/that is ([\d,]+) nano/.exec(title ?? "")?.[1] ?? "").replaceAll(",", ""));

test("what executions cost is counted as they run, agrees with the API to the nano-dollar, and leads to them", async () => {
  const watched = await open("/analytics");
  const { page } = watched;
  await page.getByRole("heading", { name: "Nothing spent yet" }).waitFor();
  await checkPage(watched, "analytics-empty");

  // Nobody reloads: the counter is moved by the calls themselves.
  const workflowId = await createWorkflow(person, ["research>write", "research>check"]);
  await ended(person, await execute(person, workflowId));
  await figure(page, "Today").getByText("$").waitFor();
  const before = (await costs(page)).today.costNanoUsd;
  await shows(figure(page, "Today"), before);
  const second = await createWorkflow(person, ["alone"]);
  await ended(person, await execute(person, second));
  const spent = await costs(page);
  expect(spent.today.costNanoUsd).toBeGreaterThan(before);
  for (const label of ["Today", "This week", "This month", "All time"]) {
    await shows(figure(page, label), spent.today.costNanoUsd);
  }
  await shows(figure(page, "Spent"), spent.totalCostNanoUsd);
  await shows(figure(page, "Cost per success"), spent.costPerSuccessfulExecution.costNanoUsd);
  await page.getByRole("img", { name: /^Cost by day\. The highest of 30: \$0\.000/ }).waitFor();
  const breakdown = page.getByRole("table", { name: "Cost by model" });
  for (const { model, costNanoUsd } of spent.byModel) {
    const row = breakdown.getByRole("row").filter({ hasText: model });
    await shows(row.getByRole("cell").nth(1), costNanoUsd);
  }
  await page.locator(".recharts-bar-rectangle path").last().waitFor();
  await checkPage(watched, "analytics");

  await page.getByRole("button", { name: "Show as table" }).click();
  const trend = page.getByRole("table", { name: "Trend" });
  await trend.getByRole("row").nth(30).waitFor();
  const titles = await trend
    .locator("td:nth-child(2) [title]")
    .evaluateAll((all) => all.map((each) => each.getAttribute("title")));
  expect(titles.reduce((sum, title) => sum + nanoIn(title), 0)).toBe(spent.totalCostNanoUsd);
  await page.getByText("Tokens by class", { exact: true }).first().click();
  await page.getByRole("table", { name: "Tokens by model" }).getByText("gpt-4.1-mini").waitFor();
  await checkPage(watched, "analytics-tables");
  await checkPhone(page);
  await page.setViewportSize({ width: 768, height: 1024 });
  await checkPage(watched, "analytics-tablet");
  await page.setViewportSize({ width: 1280, height: 800 });

  // A row narrows everything down, and the address says to what.
  await page
    .getByRole("row", { name: /gpt-4\.1-mini/ })
    .first()
    .getByRole("link")
    .click();
  const narrowed = await costs(page, { provider: "openai", model: "gpt-4.1-mini" });
  await shows(figure(page, "Spent"), narrowed.totalCostNanoUsd);
  expect(new URL(page.url()).searchParams.get("model")).toBe("gpt-4.1-mini");
  await page.reload();
  await shows(figure(page, "Spent"), narrowed.totalCostNanoUsd);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download CSV" }).click(),
  ]);
  const file = Buffer.concat(await collect<Buffer>(await download.createReadStream())).toString("utf8");
  const lines = file.trimEnd().split("\n");
  expect(lines.length - 1).toBe(narrowed.calls);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await shows(figure(page, "Spent"), spent.totalCostNanoUsd);

  await page.getByRole("table", { name: "Most expensive workflows" }).getByRole("link").first().click();
  await page.getByRole("heading", { name: "Executions", exact: true }).waitFor();
  await page.getByRole("row", { name: /A graph.*Succeeded/ }).waitFor();
  await expect.poll(() => page.getByRole("row", { name: /Succeeded/ }).count()).toBe(1);
  expect(new URL(page.url()).searchParams.get("workflow")).toBe(workflowId);
  expect(watched.problems).toEqual([]);
});

test("a budget is made, fills as calls are made, tells of it, and is changed and deleted", async () => {
  const watched = await open("/analytics/budgets");
  const { page } = watched;
  await page.getByRole("heading", { name: "No budgets yet" }).waitFor();
  await checkPage(watched, "budgets-empty");
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Limit" }).fill("ten");
  await dialog.getByLabel(/^Webhook/).fill(`${swarm.providers.url}/alerts`);
  await dialog.getByRole("button", { name: "Create budget" }).click();
  await dialog.getByText(/takes a plain decimal/).waitFor();
  watched.problems.splice(0);
  await checkPage(watched, "budget-form");
  await dialog.getByRole("textbox", { name: "Limit" }).fill("0.0006");
  await dialog.getByRole("button", { name: "Create budget" }).click();
  await page.getByRole("dialog", { name: "Secret of the webhook" }).waitFor();
  expect(await page.getByText(/whsec_/).count()).toBe(0);
  await page.getByRole("button", { name: "Show secret" }).click();
  await page.getByText(/^whsec_/).waitFor();
  await checkPage(watched, "budget-secret");
  await page.getByRole("button", { name: "I have copied it" }).click();
  const row = page.getByRole("row", { name: /The workspace/ });
  await row.getByText("0 %").waitFor();
  await expect.poll(() => page.getByText(/whsec_/).count()).toBe(0);

  await ended(person, await execute(person, await createWorkflow(person, ["a>b", "a>c"])));
  await swarm.scheduled();
  const { items } = z
    .object({ items: z.array(z.object({ spentNanoUsd: z.number() })) })
    .parse((await person.request("GET", "/api/budgets")).body);
  await shows(row, items[0]?.spentNanoUsd ?? -1);
  await row.getByText("past 50 %").waitFor();
  const history = page.getByRole("table", { name: "History of budgets" });
  await history.getByText(/The budget of the workspace has reached 50 %/).waitFor();
  await checkPage(watched, "budgets");

  await row.getByRole("button", { name: "Actions for the budget of the workspace" }).click();
  await page.getByRole("menuitem", { name: "Edit budget" }).click();
  await dialog.getByRole("textbox", { name: "Limit" }).fill("12.5");
  await dialog.getByLabel("Refuses calls past it").check();
  await dialog.getByRole("button", { name: "Save budget" }).click();
  await row.getByText("$12.50").waitFor();
  await row.getByText("Refuses calls past it").waitFor();
  await row.getByRole("button", { name: "Actions for the budget of the workspace" }).click();
  await page.getByRole("menuitem", { name: "Delete budget" }).click();
  await page.getByRole("heading", { name: "No budgets yet" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "I have copied it" }).click();
  await row.getByText("$12.50").waitFor();

  await page.getByRole("navigation", { name: "Analytics" }).getByRole("link", { name: "Events" }).click();
  await page
    .getByRole("row", { name: /Budget alert/ })
    .getByRole("link", { name: "Budgets" })
    .waitFor();
  await checkPage(watched, "events");
  await page.getByRole("combobox", { name: "Kind of event" }).click();
  await page.getByRole("option", { name: "Export failed" }).click();
  await page.getByRole("heading", { name: "No events fit" }).waitFor();
  expect(new URL(page.url()).searchParams.get("type")).toBe("export_failed");
  await page.getByRole("button", { name: "Show all events" }).click();
  await page.getByRole("link", { name: "Budgets" }).first().waitFor();
});

test("a viewer sees what is spent and what limits it, and is offered no change", async () => {
  await person.request("POST", "/api/budgets", { period: "day", limitUsd: "5" });
  const { link } = z
    .object({ link: z.string() })
    .parse((await person.request("POST", "/api/invitations", { role: "viewer" })).body);
  const { page, problems } = await openPage(browser, link);
  await page.getByLabel("Your name").fill("Vera");
  await page.getByLabel("Email").fill(`${crypto.randomUUID()}@swarm.test`);
  await page.getByLabel("New password").fill("correct horse battery");
  await page.getByRole("button", { name: "Create account and join" }).click();
  await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.getByRole("heading", { name: "Nothing spent yet" }).waitFor();
  await page.getByRole("link", { name: "Budgets" }).click();
  await page.getByRole("row", { name: /\$5\.00/ }).waitFor();
  await expect.poll(() => page.getByRole("button", { name: /Create budget|Actions for/ }).count()).toBe(0);
  await page.getByRole("link", { name: "Providers" }).click();
  await page.getByRole("heading", { name: "OpenAI", exact: true }).waitFor();
  await expect.poll(() => page.getByRole("link", { name: "Credentials" }).count()).toBe(0);
  await page.getByRole("link", { name: "Prices" }).click();
  await page.getByRole("row", { name: /gpt-6-sol/ }).waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Add price" }).count()).toBe(0);
  expect(problems).toEqual([]);
});

test("a range of one's own, a zone and what is shown stand in the address, and survive a reload", async () => {
  await ended(person, await execute(person, await createWorkflow(person, ["a"])));
  const { page, problems } = await open("/analytics?range=nonsense&zone=Mars&metric=tokens");
  await page.getByRole("img", { name: /^Tokens by day/ }).waitFor();
  await page.getByLabel("From", { exact: true }).fill("2020-01-01");
  await page.getByLabel("To", { exact: true }).fill("2020-03-31");
  await page.getByRole("img", { name: /^Tokens by day\. The highest of 91: 0/ }).waitFor();
  await page.getByText("Weeks", { exact: true }).click();
  await page.getByRole("combobox", { name: "Time zone" }).fill("Toky");
  await page.getByRole("option", { name: "Asia/Tokyo" }).click();
  await page.getByText("By clocks of Asia/Tokyo.").waitFor();
  await page.reload();
  await page.getByRole("img", { name: /^Tokens by week/ }).waitFor();
  await page.getByText("By clocks of Asia/Tokyo.").waitFor();
  await page.getByLabel("To", { exact: true }).fill("2019-12-31");
  await page.getByRole("heading", { name: "The range ends before it begins" }).waitFor();
  await page.getByRole("combobox", { name: "Range" }).click();
  await page.getByRole("option", { name: "Last 7 days" }).click();
  await page.getByRole("img", { name: /^Tokens by week/ }).waitFor();
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    range: "7d",
    zone: "Asia/Tokyo",
    interval: "week",
    metric: "tokens",
  });
  expect(problems).toEqual([]);
});
