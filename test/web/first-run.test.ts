import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openPage } from "../support/browser.ts";
import { startTestInstance } from "../support/instance.ts";
import { checkPage } from "./check-page.ts";
import { browser, swarm } from "./stage.ts";

test("an installation that nobody has signed up to yet asks for its first account", async () => {
  const { page } = await openPage(browser, swarm.url);
  await page.getByRole("heading", { name: "Create an account" }).waitFor();
  await swarm.signUp();
  await page.goto(swarm.url);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

test("where a setup token is asked for, the first account is made at the address that was printed and nowhere else", async () => {
  const token = "a-setup-token-of-the-tests/32+characters=";
  const deployed = await startTestInstance({ vars: { SETUP_TOKEN: token, OPEN_SIGNUP: "false" } });
  try {
    const watched = await openPage(browser, deployed.url);
    await watched.page.getByText("Open the address that the deployment printed").waitFor();
    expect(await watched.page.getByRole("button", { name: "Create account" }).count()).toBe(0);
    await checkPage(watched, "sign-up-setup");
    await signUpAtPrinted(watched.page, `${deployed.url}/sign-up#setup=${token}`);
  } finally {
    await deployed.stop();
  }
});

async function signUpAtPrinted(page: Page, address: string): Promise<void> {
  // Only the fragment changes, as when the address is pasted over the one that is open.
  await page.goto(address);
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("Email").fill("ada@swarm.test");
  await page.getByLabel("New password").fill("correct horse battery");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
  expect(page.url()).not.toContain("setup");
}

test("a new person comes from signing up to a finished execution of the example", async () => {
  const watched = await openPage(browser, swarm.url);
  const { page } = watched;
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await checkPage(watched, "sign-in");

  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByRole("heading", { name: "Create an account" }).waitFor();
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("Email").fill(`${crypto.randomUUID()}@swarm.test`);
  await page.getByLabel("New password").fill("correct horse battery");
  await checkPage(watched, "sign-up");
  await page.getByRole("button", { name: "Create account" }).click();

  await page.getByRole("heading", { name: "No workflows yet" }).waitFor();
  await checkPage(watched, "workflows-empty");
  await page.getByRole("button", { name: "Start from an example" }).click();

  await page.getByRole("heading", { name: "Short article" }).waitFor();
  await page.getByLabel(/^Objections, /).waitFor();
  await checkPage(watched, "workflow");
  await page.getByRole("button", { name: "Run workflow" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Run", exact: true }).click();
  await dialog.getByText("Fill this in").waitFor();
  await dialog.getByRole("textbox", { name: "Topic" }).fill("Why do cats purr?");
  await dialog.getByRole("button", { name: "Run", exact: true }).click();

  await page.getByRole("heading", { name: "Execution" }).waitFor();
  await page.locator("header").getByText("Succeeded").waitFor();
  await checkPage(watched, "execution");

  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Workflows" }).click();
  await page
    .getByRole("row", { name: /Short article/ })
    .getByText("Succeeded")
    .waitFor();
  await checkPage(watched, "workflows");
});
