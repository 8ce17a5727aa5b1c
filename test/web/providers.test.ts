import type { Browser, Response } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { formatMoney } from "../../web/src/lib/money.ts";
import type { Account } from "../support/account.ts";
import { openBrowser, openPage } from "../support/browser.ts";
import { startTestInstance, type TestInstance } from "../support/instance.ts";
import { createWorkflow, ended, execute } from "../support/workflows.ts";
import { checkPage, checkPhone } from "./check-page.ts";

let swarm: TestInstance;
let browser: Browser;
let person: Account;

beforeAll(async () => {
  browser = await openBrowser();
  // A stored key may point at the stand-in.
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

const KEY = "sk-own-key-that-nobody-may-see-4242";

const FALLBACK = {
  enabled: true,
  strategy: "ordered",
  targets: [{ provider: "gemini", model: "gemini-3.5-flash-lite" }],
  on: { error: true, rateLimit: true, timeout: true, statusCodes: [] },
  retries: 0,
};

test("a provider that fails is left for the next, its breaker opens before one's eyes, and is reset", async () => {
  const workflowId = await createWorkflow(person, ["answer"], { agents: { answer: { fallback: FALLBACK } } });
  const watched = await open("/providers");
  const { page } = watched;
  const openai = page.getByRole("region", { name: "OpenAI" });
  await openai.getByText("Closed").waitFor();
  await page.getByText("No key is set for OpenAI-compatible.").waitFor();

  swarm.providers.on({ provider: "openai" }, { status: 500 });
  const executions = [];
  for (let run = 0; run < 5; run += 1) executions.push(await ended(person, await execute(person, workflowId)));
  // Nobody reloads: the breaker tells.
  await openai.getByText("Open", { exact: true }).waitFor();
  await openai.getByText(/Tried again in/).waitFor();
  await openai.getByText("100 %").waitFor();
  await openai.getByText("Server error").waitFor();
  await page.getByRole("region", { name: "Gemini" }).getByRole("cell", { name: "gemini-3.5-flash-lite" }).waitFor();
  await checkPage(watched, "providers-health");
  await openai.getByRole("button", { name: "Reset breaker" }).click();
  await openai.getByText("Closed").waitFor();
  await page.getByText("Closed the breaker of OpenAI").waitFor();
  await expect.poll(() => openai.getByRole("button", { name: "Reset breaker" }).count()).toBe(0);

  await page.getByRole("link", { name: "Fallback events" }).click();
  const event = page.getByRole("row", {
    name: /A graph, answer.*gpt-4\.1-mini.*Server error.*gemini-3\.5-flash-lite.*Answered/,
  });
  await event.nth(4).waitFor();
  await checkPage(watched, "fallbacks");
  await page.getByRole("combobox", { name: "Provider" }).click();
  await page.getByRole("option", { name: "Anthropic" }).click();
  await page.getByRole("heading", { name: "No fallback events fit" }).waitFor();
  expect(new URL(page.url()).searchParams.get("provider")).toBe("anthropic");
  await page.getByRole("button", { name: "Show all fallback events" }).click();
  await event.first().click();
  await page.getByRole("table", { name: "Attempts" }).getByText("gemini-3.5-flash-lite").waitFor();
  expect(executions.map(({ id }) => `/executions/${id}`)).toContain(new URL(page.url()).pathname);
  expect(watched.problems).toEqual([]);
});

test("a key is stored, tried and deleted, and never shown again", async () => {
  const watched = await open("/providers/credentials");
  const { page } = watched;
  const answers: Promise<string>[] = [];
  const keep = (response: Response) => {
    if (response.url().includes("/api/") && response.status() === 200) answers.push(response.text());
  };
  page.on("response", keep);
  const row = page.getByRole("row", { name: /^OpenAI (?!-)/ });
  await row.getByText("The installation's").waitFor();
  await page.getByRole("button", { name: "Set key for OpenAI", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("API key").fill(KEY);
  await dialog.getByLabel(/Base URL/).fill("ftp://nowhere");
  await dialog.getByRole("button", { name: "Store key" }).click();
  await dialog.getByRole("heading", { name: /The key was not stored/ }).waitFor();
  watched.problems.splice(0);
  await checkPage(watched, "credential-form");
  await dialog.getByLabel(/Base URL/).fill(`${swarm.providers.url}/v1`);
  await dialog.getByRole("button", { name: "Store key" }).click();
  await row.getByText("4242").waitFor();
  await dialog.waitFor({ state: "hidden" });
  expect(await page.content()).not.toContain(KEY);

  await row.getByRole("button", { name: "Test" }).click();
  await dialog.getByRole("button", { name: "Test key" }).click();
  await dialog.getByText("The key works").waitFor();
  await checkPage(watched, "credential-test");
  swarm.providers.on({}, { status: 401 });
  await dialog.getByRole("button", { name: "Test key" }).click();
  await dialog.getByText("Key was refused").waitFor();
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
  await page.reload();
  await row.getByText("4242").waitFor();
  await checkPage(watched, "credentials");
  page.off("response", keep);
  expect((await Promise.all(answers)).join()).not.toContain(KEY);

  await page.getByRole("button", { name: "Delete key for OpenAI" }).click();
  await dialog.getByRole("textbox").fill("OpenAI");
  await dialog.getByRole("button", { name: "Delete key" }).click();
  await row.getByText("The installation's").waitFor();
});

test("a price of one's own prices a model that had none, in all that it was called before", async () => {
  swarm.providers.on({ provider: "openai" }, { model: "mystery-1" });
  const executionId = await execute(person, await createWorkflow(person, ["a"]));
  await ended(person, executionId);
  const watched = await open("/analytics");
  const { page } = watched;
  await page.getByText(/1 call of this range has no price yet/).waitFor();
  await checkPage(watched, "analytics-unpriced");
  await page.getByRole("link", { name: "see which models" }).click();
  const unpriced = page.getByRole("table", { name: "Calls without a price" });
  await unpriced.getByRole("row", { name: /mystery-1.*No price is known/ }).waitFor();
  await page
    .getByRole("table", { name: "Prices" })
    .getByRole("row", { name: /gpt-6-sol/ })
    .waitFor();
  await checkPage(watched, "prices");
  await checkPhone(page);

  await unpriced.getByRole("button", { name: "Set price" }).click();
  const dialog = page.getByRole("dialog", { name: "Add price" });
  await expect.poll(() => dialog.getByLabel("Model").inputValue()).toBe("mystery-1");
  await dialog.getByRole("button", { name: "Add long-context tier" }).click();
  const price = dialog.getByRole("group", { name: "Price" });
  await price.getByLabel("Input", { exact: true }).fill("1,5");
  await dialog.getByRole("button", { name: "Add price" }).click();
  await price.getByText(/Dollars with at most six digits/).waitFor();
  await checkPage(watched, "price-form");
  await price.getByLabel("Input", { exact: true }).fill("1.005");
  await price.getByLabel("Output", { exact: true }).fill("0.1");
  const tier = dialog.getByRole("group", { name: "Long context 1" }).last();
  await dialog.getByLabel("Above so many input tokens").fill("200000");
  await tier.getByLabel("Input", { exact: true }).fill("2");
  await tier.getByLabel("Output", { exact: true }).fill("3");
  await dialog.getByRole("button", { name: "Add price" }).click();
  // 100 tokens at 1.005 dollars a million, and 20 at 0.1.
  const cost = 100 * 1_005 + 20 * 100;
  await page.getByText(`Priced 1 call of the past: ${formatMoney(cost)} in all.`).waitFor();
  await unpriced.waitFor({ state: "hidden" });
  const execution = await person.request("GET", `/api/executions/${executionId}`);
  expect(z.object({ costNanoUsd: z.number() }).parse(execution.body).costNanoUsd).toBe(cost);

  await page.getByRole("combobox", { name: "Set by" }).click();
  await page.getByRole("option", { name: "This workspace" }).click();
  const row = page.getByRole("row", { name: /mystery-1/ });
  await row.getByText("$1.005").waitFor();
  await row.getByText("$2.00 above 200 k").waitFor();
  await row.click();
  const details = page.getByRole("dialog", { name: "Price" });
  await details.getByRole("table", { name: "History of the price" }).getByText("This workspace").waitFor();
  await details.getByRole("columnheader", { name: "Above 200,000" }).waitFor();
  await checkPage(watched, "price-details");
  await details.getByRole("button", { name: "Close", exact: true }).last().click();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("combobox", { name: "Retired models" }).click();
  await page.getByRole("option", { name: "With retired ones" }).click();
  await page
    .getByRole("row", { name: /claude-3-opus.*Retired.*now claude/ })
    .first()
    .waitFor();

  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Analytics" }).click();
  // Not in the notice that is still on screen.
  await page.locator("dl").getByText(formatMoney(cost)).first().waitFor();
  await page.getByText(/no price yet/).waitFor({ state: "hidden" });
  expect(watched.problems).toEqual([]);
});
