import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Account } from "../support/account.ts";
import { openPage, type PageOptions } from "../support/browser.ts";
import { createWorkflow } from "../support/workflows.ts";
import { checkPage } from "./check-page.ts";
import { browser, swarm } from "./stage.ts";

const open = (path: string, as: Account, options?: PageOptions) =>
  openPage(browser, `${swarm.url}${path}`, { as, ...options });

/** The text of the dialog's field that is shown once. */
const shownOnce = async (page: Page) => (await page.getByRole("dialog").locator("pre").first().textContent()) ?? "";

async function fillEntry(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByRole("dialog").getByLabel(label).fill(value);
}

const REFUND = { Role: "support", Category: "refunds", "What is known": "A refund is paid within 14 days." };

test("settings, knowledge and their dialogs are usable by everybody", async () => {
  const person = await swarm.signUp();
  await person.request("POST", "/api/api-keys", { name: "ci" });
  await person.request("POST", "/api/invitations", { role: "viewer" });
  const watched = await open("/settings", person);
  const { page } = watched;
  await page.getByText("This browser").waitFor();
  await checkPage(watched, "settings-profile");
  await page.getByRole("link", { name: "Workspace", exact: true }).click();
  await page.getByLabel("Name of the workspace").waitFor();
  await checkPage(watched, "settings-workspace");
  await page.getByRole("link", { name: "Members" }).click();
  await page.getByRole("table", { name: "Members" }).getByText("You").waitFor();
  await page.getByRole("button", { name: "Take back" }).waitFor();
  await checkPage(watched, "settings-members");
  await page.getByRole("button", { name: "Invite somebody" }).click();
  await checkPage(watched, "invite");
  await page.getByRole("button", { name: "Make invitation" }).click();
  await page.getByText("it is shown this once").waitFor();
  await checkPage(watched, "invited");
  await page.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByRole("row", { name: /ci/ }).waitFor();
  await checkPage(watched, "settings-api-keys");
  await page.getByRole("button", { name: "Create API key" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("deploys");
  await checkPage(watched, "create-api-key");
  await page.getByRole("dialog").getByRole("button", { name: "Create API key" }).click();
  await page.getByText("it is shown this once").waitFor();
  await checkPage(watched, "api-key-once");
  await page.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("link", { name: "Retention" }).click();
  await page.getByLabel("Webhook calls").waitFor();
  await checkPage(watched, "settings-retention");
  await page.getByRole("link", { name: "Danger zone" }).click();
  await page.getByRole("button", { name: "Leave workspace" }).click();
  await checkPage(watched, "settings-danger");
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: "Knowledge" }).click();
  await page.getByRole("heading", { name: "No knowledge yet" }).waitFor();
  await checkPage(watched, "knowledge-empty");
  await page.getByRole("button", { name: "Write knowledge down" }).first().click();
  await fillEntry(page, REFUND);
  await checkPage(watched, "knowledge-entry");
  await page.getByRole("button", { name: "Write it down" }).click();
  await page.getByRole("row", { name: /A refund/ }).waitFor();
  await checkPage(watched, "knowledge");
});

test("an invited viewer sees what is there and can change none of it", async () => {
  const owner = await swarm.signUp();
  await createWorkflow(owner, ["a"]);
  await owner.request("POST", "/api/knowledge", { agentRole: "support", category: "c", content: "A fact." });
  const { page, problems } = await open("/settings/members", owner);
  await page.getByRole("button", { name: "Invite somebody" }).first().click();
  await page.getByLabel("Viewer").check();
  await page.getByRole("combobox", { name: "Expires" }).click();
  await page.getByRole("option", { name: "In a day" }).click();
  await page.getByRole("button", { name: "Make invitation" }).click();
  await page
    .getByRole("dialog")
    .getByText(/expires in 23 h/)
    .waitFor();
  const link = await shownOnce(page);
  await page.getByRole("button", { name: "I have copied it" }).click();
  await expect.poll(() => page.getByText(link).count()).toBe(0);

  const watched = await openPage(browser, link);
  const viewer = watched.page;
  await viewer.getByLabel("Your name").fill("Vera");
  await viewer.getByLabel("Email").fill(`${crypto.randomUUID()}@swarm.test`);
  await viewer.getByLabel("New password").fill("correct horse battery");
  await viewer.getByRole("button", { name: "Create account and join" }).click();
  await viewer.getByRole("link", { name: "A graph" }).click();
  await viewer.getByRole("heading", { name: "A graph" }).waitFor();
  for (const name of ["Run workflow", "More", "Save"]) {
    await expect.poll(() => viewer.getByRole("button", { name, exact: true }).count(), { message: name }).toBe(0);
  }
  await viewer.goto(`${swarm.url}/files`);
  await viewer.getByRole("heading", { name: "Importing takes an editor" }).waitFor();
  await viewer.getByRole("link", { name: "Exports" }).click();
  await viewer.getByRole("heading", { name: "No exports yet" }).waitFor();
  await expect.poll(() => viewer.getByRole("button", { name: "Export workflows" }).count()).toBe(0);
  await viewer.getByRole("link", { name: "Templates" }).click();
  await viewer.getByRole("heading", { name: "Daily digest" }).waitFor();
  await expect.poll(() => viewer.getByRole("button", { name: /^Use template/ }).count()).toBe(0);
  await viewer.getByRole("link", { name: "Knowledge" }).click();
  await viewer.getByRole("row", { name: /A fact/ }).click();
  await viewer.getByRole("dialog").getByText("A fact.").waitFor();
  await expect.poll(() => viewer.getByRole("dialog").getByRole("textbox").count()).toBe(0);
  await viewer.keyboard.press("Escape");
  await viewer.getByRole("link", { name: "Settings" }).click();
  await viewer.getByRole("link", { name: "Retention" }).click();
  await expect.poll(() => viewer.getByLabel("Webhook calls").isEditable()).toBe(false);
  await expect.poll(() => viewer.getByRole("link", { name: "Members" }).count()).toBe(0);
  await expect.poll(() => viewer.getByRole("button", { name: /^Save/ }).count()).toBe(0);
  // What is not offered is refused, too.
  const refused = await viewer.evaluate(async () => {
    const answer = await fetch("/api/workflows", { method: "POST", body: '{"name": "Mine"}' });
    return answer.status;
  });
  expect(refused).toBe(403);
  expect(watched.problems.filter((problem) => !problem.includes("403"))).toEqual([]);

  await page.reload();
  await page.getByRole("combobox", { name: "Role of Vera" }).click();
  await page.getByRole("option", { name: "Editor" }).click();
  await page.getByText("Vera is editor now.").waitFor();
  await viewer.reload();
  await viewer.goto(`${swarm.url}/knowledge`);
  await viewer.getByRole("button", { name: "Write knowledge down" }).waitFor();
  expect(problems).toEqual([]);
});

test("an API key is shown once, works until it is revoked, and tells that it was used", async () => {
  const person = await swarm.signUp();
  const { page, problems } = await open("/settings", person);
  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByRole("button", { name: "Create API key" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("deploys");
  await dialog.getByLabel("Viewer").check();
  await dialog.getByRole("button", { name: "Create API key" }).click();
  await dialog.getByRole("button", { name: "Show API key" }).click();
  const key = (await dialog.getByText(/^swarm_/).textContent()) ?? "";
  // Nobody can have it again: neither a key nor a click beside it nor going back takes it away.
  await page.keyboard.press("Escape");
  await page.mouse.click(8, 8);
  await page.evaluate(() => history.back());
  expect(await dialog.getByRole("button", { name: "Close" }).count()).toBe(0);
  await dialog.getByText(key).waitFor();
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  const row = page.getByRole("row", { name: /deploys/ });
  await row.getByText("Never").waitFor();
  await expect.poll(() => page.getByText(key).count()).toBe(0);

  const ask = (method: string) =>
    fetch(`${swarm.url}/api/workflows`, { method, headers: { Authorization: `Bearer ${key}` } });
  expect((await ask("GET")).status).toBe(200);
  expect((await ask("POST")).status).toBe(403);
  await page.reload();
  await row.getByText("just now").last().waitFor();
  await row.getByRole("button", { name: "Revoke" }).click();
  await page.getByLabel(/Type deploys/).fill("deploys");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "No API keys yet" }).waitFor();
  expect((await ask("GET")).status).toBe(401);
  expect(problems).toEqual([]);
});

test("knowledge is written down, found, changed, and deleted with a way back", async () => {
  const person = await swarm.signUp();
  await person.request("POST", "/api/knowledge", { agentRole: "writer", category: "style", content: "Write plainly." });
  const { page, problems } = await open("/workflows", person, { reducedMotion: true });
  await page.getByRole("link", { name: "Knowledge" }).click();
  await page.getByRole("button", { name: "Write knowledge down" }).click();
  await fillEntry(page, REFUND);
  await page.getByRole("button", { name: "Write it down" }).click();
  const refund = page.getByRole("row", { name: /A refund/ });
  await refund.getByText("A person").waitFor();

  await page.getByLabel("Search").fill("refu");
  await page.waitForURL("**/knowledge?q=refu");
  await page.getByRole("row", { name: /Write plainly/ }).waitFor({ state: "hidden" });
  await refund.click();
  await fillEntry(page, { Confidence: "70" });
  // What was typed is not lost by a key.
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await page.keyboard.press("Escape");
  await question.waitFor();
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "hidden" });
  await expect
    .poll(() => page.getByLabel("Confidence").evaluate((input) => input === document.activeElement))
    .toBe(true);
  // Nor by going back, and one press answers one question.
  await page.evaluate(() => history.back());
  await question.waitFor();
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Cancel" }).click();
  await question.getByRole("button", { name: "Stay" }).click();
  await question.waitFor({ state: "hidden" });
  await expect.poll(() => page.getByLabel("Confidence").inputValue()).toBe("70");
  await page.getByRole("button", { name: "Save entry" }).click();
  await refund.getByText("70").waitFor();

  await page.getByRole("button", { name: "Clear filters" }).click();
  const stored = async () => JSON.stringify((await person.request("GET", "/api/knowledge")).body);
  const remove = async () => {
    await refund.getByRole("button", { name: /^Actions for/ }).click();
    await page.getByRole("menuitem", { name: "Delete entry" }).click();
    await refund.waitFor({ state: "hidden" });
  };
  await remove();
  await page.getByRole("button", { name: "Undo" }).click();
  await refund.waitFor();
  expect(await stored()).toContain("A refund");
  await remove();
  // Whoever goes away does not undo any more.
  await page.goto(`${swarm.url}/workflows`);
  await expect.poll(stored).not.toContain("A refund");
  expect(problems).toEqual([]);
});

test("a name and a password are changed, and other browsers are signed out", async () => {
  const person = await swarm.signUp();
  const other = await fetch(`${swarm.url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: person.email, password: person.password }),
  });
  const cookie = other.headers.getSetCookie().map((each) => each.split(";")[0]);
  const { page } = await open("/settings", person);
  await page.getByLabel("Your name").fill("Ada");
  await page.getByRole("button", { name: "Save name" }).click();
  await page.getByTitle("Account").getByText("Ada").waitFor();

  await page.getByLabel("Current password").fill("not it at all");
  await page.getByLabel("New password").fill("a new password");
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByRole("alert").getByText("Invalid password").waitFor();
  await page.getByLabel("Current password").fill(person.password);
  await expect.poll(() => page.getByRole("button", { name: "Sign out", exact: true }).count()).toBe(1);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("you are signed out elsewhere").waitFor();
  await page.getByRole("button", { name: "Sign out", exact: true }).waitFor({ state: "hidden" });
  const there = await fetch(`${swarm.url}/api/me`, { headers: { Cookie: cookie.join("; ") } });
  expect(there.status).toBe(401);
  // This session goes on, in the same workspace.
  await page.reload();
  await page.getByText("This browser").waitFor();
});

test("a workspace is renamed, keeps what its owner says, and is not left by the last one", async () => {
  const owner = await swarm.signUp();
  const { page } = await open("/settings/workspace", owner);
  await page.getByLabel("Name of the workspace").fill("Newsroom");
  await page.getByRole("button", { name: "Save name" }).click();
  await page.getByTitle("Switch the workspace").getByText("Newsroom").waitFor();
  await page.getByRole("link", { name: "Retention" }).click();
  await page.getByLabel("Webhook calls").fill("7");
  await page.getByLabel("Keep them for ever").check();
  await page.getByRole("button", { name: "Save retention" }).click();
  await page.getByText("Saved what is kept.").waitFor();
  expect((await owner.request("GET", "/api/settings")).body).toMatchObject({
    callDays: 7,
    executionDays: null,
    logDays: 30,
  });
  await page.getByRole("link", { name: "Danger zone" }).click();
  await page.getByRole("button", { name: "Leave workspace" }).click();
  await page.getByLabel(/Type Newsroom/).fill("Newsroom");
  await page.keyboard.press("Enter");
  await page.getByText("This is the workspace's last owner").waitFor();
});
